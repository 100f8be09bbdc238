package homeport.netconf.xml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.stream.XMLStreamConstants;
import org.codehaus.stax2.XMLStreamReader2;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class XmlTest {
    @ParameterizedTest
    @ValueSource(strings = {
            "<a xmlns=\"urn:a\" xmlns:odd.-1=\"urn:b\"><odd.-1:b odd.-1:c=\"1\" d=\"&lt;&quot;\">x<!-- note --><e/>y</odd.-1:b></a>",
            "<a><![CDATA[<b>&]]>tail<?target data?></a>", "<p:a xmlns:p=\"urn:a\"><b xmlns=\"\"/></p:a>",
            "<a xmlns=\"urn:a\" xmlns:unused=\"urn:u\"><b xml:lang=\"en\">q:name</b></a>",
            "<a>mixed <b>bold</b> text &amp; more &#xd;</a>",
            "<a xmlns=\"urn:a\"><b xmlns=\"urn:a\"><c xmlns=\"urn:c\"/></b></a>"})
    void documentSurvivesARoundTrip(String document) {
        assertEquals(document, Xml.parse(document).toXml());
    }

    @Test
    void endMarkOfCdataInsideCdataIsSplit() {
        XmlElement element = XmlElement.of("", "a", new XmlNode.Text("]]>]]>", true));

        assertEquals("]]>]]>", Xml.parse(element.toXml()).text());
    }

    @Test
    void longTextIsOnePieceInTheTree() {
        String text = "0123456789\u00e9".repeat(20_000);

        assertEquals(List.of(new XmlNode.Text(text)), Xml.parse("<a>" + text + "</a>").content());
        assertEquals(List.of(new XmlNode.Text(text, true)),
                Xml.parse("<a><![CDATA[" + text + "]]></a>").content());
    }

    @ParameterizedTest
    @ValueSource(strings = {"c080", "e08080", "eda080", "f4908080", "ff", "e282", "f0808080"})
    void invalidUtf8IsNotRead(String hex) {
        byte[] bad = HexFormat.of().parseHex("3c613e" + hex + "3c2f613e");

        assertKind(XmlError.Kind.ENCODING, () -> Xml.parse(bad, 0, bad.length, XmlLimits.DEFAULT));
        assertKind(XmlError.Kind.ENCODING, () -> drain(new ByteArrayInputStream(bad)));
    }

    @Test
    void anotherDeclaredEncodingIsNotRead() {
        assertKind(XmlError.Kind.ENCODING, () -> Xml.parse("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<!DOCTYPE a><a/>", "<!DOCTYPE a SYSTEM \"file:///etc/hostname\"><a/>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "<!DOCTYPE a [<!ENTITY a0 \"x\"><!ENTITY a1 \"&a0;&a0;&a0;&a0;\"><!ENTITY a2 \"&a1;&a1;&a1;&a1;\">]><a>&a2;</a>"})
    void documentTypeIsNotRead(String document) {
        assertKind(XmlError.Kind.DTD, () -> Xml.parse(document));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<a>", "<a></b>", "<a/><b/>", "<a>&b;</a>", "<b:a/>", "<a b='1' b='2'/>", "text",
            "<a>\u0001</a>",
            "<a>&#0;</a>", "<a>]]></a>", "<a b=\"<\"/>", "<a/>text"})
    void malformedDocumentIsNotRead(String document) {
        assertKind(XmlError.Kind.MALFORMED, () -> Xml.parse(document));
    }

    @Test
    void nestingHasALimit() {
        String document = "<a>".repeat(10_000) + "</a>".repeat(10_000);

        assertKind(XmlError.Kind.TOO_DEEP, () -> Xml.parse(document));
        assertKind(XmlError.Kind.TOO_DEEP, () -> drain(stream(document)));
    }

    @Test
    void attributesHaveALimit() {
        StringBuilder document = new StringBuilder("<a ");
        IntStream.range(0, 300).forEach(i -> document.append("b").append(i).append("='1' "));

        assertKind(XmlError.Kind.TOO_MANY, () -> Xml.parse(document.append("/>").toString()));
    }

    @Test
    void differentNamesHaveALimit() {
        StringBuilder document = new StringBuilder("<a>");
        IntStream.range(0, 20_001).forEach(i -> document.append("<b").append(i).append("/>"));

        assertKind(XmlError.Kind.TOO_MANY, () -> drain(stream(document.append("</a>").toString())));
    }

    /** The parser keeps all of these, so a stream that never repeats one is memory that never ends. */
    @ParameterizedTest
    @ValueSource(strings = {"<p%d:b xmlns:p%d='urn:b'/>", "<b xmlns='urn:b%d'/>", "<?b%d?>", "<b c%d=''/>",
            "<b xmlns:p%d='urn:b' p%d:c=''/>"})
    void prefixesNamespacesAndInstructionsCountAsNames(String element) {
        StringBuilder document = new StringBuilder("<a>");
        IntStream.range(0, 20_001).forEach(i -> document.append(element.replace("%d", Integer.toString(i))));

        assertKind(XmlError.Kind.TOO_MANY, () -> drain(stream(document.append("</a>").toString())));
    }

    /** Different hashes whose low bits agree meet in the same chain of the parser's table. */
    @Test
    void namesOfOneChainHaveALimit() {
        StringBuilder document = new StringBuilder("<a>");
        IntStream.range(0, 40_000_000).mapToObj(i -> "n" + Integer.toString(i, 36))
                .filter(name -> (name.hashCode() & 0x7fff) == 7).limit(300)
                .forEach(name -> document.append('<').append(name).append("/>"));
        IntStream.range(0, 300).forEach(i -> document.insert(3, "<m" + i + "/>"));

        assertKind(XmlError.Kind.TOO_MANY, () -> drain(stream(document.append("</a>").toString())));
    }

    /** Names that nobody chose are not taken for an attack. */
    @Test
    void manyOrdinaryNamesPass() throws Exception {
        StringBuilder document = new StringBuilder("<a>");
        IntStream.range(0, 19_000).forEach(i -> document.append("<interface-").append(i).append("/>"));

        drain(stream(document.append("</a>").toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<a b='", "<a><!-- ", "<a><?b ", "<a><b", "<a>&"})
    void endlessMarkupEndsInBoundedMemory(String start) {
        byte[] block = "x".repeat(64 << 10).getBytes(StandardCharsets.UTF_8);
        InputStream endless = new SequenceInputStream(stream(start), new SequenceInputStream(Collections.enumeration(
                IntStream.range(0, 1000).mapToObj(i -> (InputStream) new ByteArrayInputStream(block)).toList())));

        assertKind(XmlError.Kind.MARKUP_TOO_LONG, () -> drain(endless));
    }

    @Test
    void endlessTextPassesInPieces() throws Exception {
        byte[] block = "x".repeat(64 << 10).getBytes(StandardCharsets.UTF_8);
        for (String[] around : new String[][]{{"<a>", "</a>"}, {"<a><![CDATA[", "]]></a>"}}) {
            InputStream text = new SequenceInputStream(Collections.enumeration(IntStream.rangeClosed(-1, 1000)
                    .mapToObj(i -> i < 0
                            ? stream(around[0])
                            : i < 1000 ? (InputStream) new ByteArrayInputStream(block) : stream(around[1]))
                    .toList()));
            XMLStreamReader2 reader = Xml.reader(text, XmlLimits.DEFAULT);
            long total = 0;
            while (reader.hasNext()) {
                int event = reader.next();
                if (event == XMLStreamConstants.CHARACTERS || event == XMLStreamConstants.CDATA) {
                    assertTrue(reader.getTextLength() < 256 << 10);
                    total += reader.getTextLength();
                }
            }
            assertEquals(1000L << 16, total);
        }
    }

    @Test
    void badReferenceInTextShowsWhenTheCursorMoves() {
        assertKind(XmlError.Kind.MALFORMED, () -> Xml.parse("<a>text &b:c; more</a>"));
        assertKind(XmlError.Kind.MALFORMED, () -> drain(stream("<a>" + "text ".repeat(100) + "&b:c; more</a>")));
    }

    @Test
    void rootIsReadFromTheBeginningOfADocument() {
        byte[] prefix = "<r xmlns='urn:r' message-id='7'><data>cut \u00e9".getBytes(StandardCharsets.UTF_8);

        XmlElement root = Xml.root(prefix, 0, prefix.length - 1, XmlLimits.DEFAULT);
        assertEquals(new XmlName("urn:r", "r"), root.name());
        assertEquals("7", root.attribute("message-id").orElseThrow());
    }

    private static InputStream stream(String document) {
        return new ByteArrayInputStream(document.getBytes(StandardCharsets.UTF_8));
    }

    private static void drain(InputStream from) throws Exception {
        XMLStreamReader2 reader = Xml.reader(from, XmlLimits.DEFAULT);
        while (reader.hasNext()) {
            reader.next();
        }
    }

    private static void assertKind(XmlError.Kind kind, org.junit.jupiter.api.function.Executable body) {
        XmlError error = assertThrows(XmlError.class, body);
        assertEquals(kind, error.kind(), error.getMessage());
    }
}
