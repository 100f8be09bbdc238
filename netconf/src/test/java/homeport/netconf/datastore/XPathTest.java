package homeport.netconf.datastore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.netconf.RpcError.Tag;
import homeport.netconf.RpcErrorException;
import homeport.netconf.xml.Namespaces;
import homeport.netconf.xml.Xml;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** XPath 1.0 over data trees, with the functions of RFC 7950 §10. */
class XPathTest {
    private static final Namespaces T = Namespaces.of(Map.of("t", "urn:homeport:test"));
    private final Datastores datastores = Datastores.inMemory(TestSchemas.SCHEMAS, Datastores.Boot.RUNNING);

    @BeforeEach
    void someData() {
        datastores.edit(Datastores.Name.RUNNING, Xml.parse("<config><top xmlns=\"urn:homeport:test\">"
                + "<plain>hello</plain><small>7</small><level>high</level>"
                + "<pair><first>a</first><second>1</second><value>x</value></pair>"
                + "<pair><first>a</first><second>2</second><value>y</value></pair>"
                + "<item><name>one</name></item><item><name>two</name></item><item><name>three</name></item>"
                + "<kind xmlns:t=\"urn:homeport:test\">t:circle</kind></top>"
                + "<rules xmlns=\"urn:homeport:test\"><server><name>s1</name><port>80</port></server>"
                + "<active>s1</active></rules></config>"), Edit.Operation.MERGE, false, Datastores.Test.SET,
                Datastores.Guard.NONE);
    }

    private XPath.Value value(String expression, long budget) {
        return XPath.evaluate(TestSchemas.SCHEMAS, XPath.parse(TestSchemas.SCHEMAS, expression, T),
                DataNode.root(TestSchemas.SCHEMAS, datastores.read(Datastores.Name.RUNNING)), null, budget);
    }

    private String text(String expression) {
        return value(expression, 100_000).text();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', value = {"1 + 2 * 3~7", "10 div 4~2.5", "7 mod 3~1", "-(3)~-3", "1 div 0~Infinity",
            "0 div 0~NaN", "floor(2.7)~2", "ceiling(2.1)~3", "round(2.5)~3", "round(-2.5)~-2", "number(' 12 ')~12",
            "string(true())~true", "concat('a', 1, 'b')~a1b", "substring('12345', 2, 3)~234",
            "substring('12345', 1.5, 2.6)~234", "substring('12345', 0)~12345", "substring-before('1999/04', '/')~1999",
            "substring-after('1999/04', '/')~04", "normalize-space('  a   b ')~a b",
            "translate('bar', 'abc', 'AB')~BAr",
            "string-length('abc')~3", "starts-with('abc', 'ab')~true", "contains('abc', 'bc')~true",
            "not('')~true", "boolean('')~false", "1 < 2 and 2 >= 2~true", "1 > 2 or 'a' = 'a'~true",
            "'a' != 'b'~true", "true() = 1~true", "re-match('aaa', 'a+')~true", "re-match('aab', 'a+')~false"})
    void expressionsWithoutNodes(String expression, String expected) {
        assertEquals(expected, text(expression));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', value = {"/t:top/t:plain~hello", "/t:top/t:plain/text()~hello", "//t:second~1",
            "count(//t:pair)~2", "/t:top/t:pair[2]/t:value~y", "/t:top/t:pair[last()]/t:value~y",
            "/t:top/t:pair[t:first='a'][t:second='2']/t:value~y", "/t:top/t:item[position()=2]/t:name~two",
            "/t:top/t:item[t:name='two']/following-sibling::t:item/t:name~three",
            "/t:top/t:item[t:name='two']/preceding-sibling::t:item[1]/t:name~one",
            "//t:name[.='three']/ancestor::t:top/t:small~7", "//t:name[.='three']/../../t:small~7",
            "count(/t:top/t:item | /t:top/t:pair)~5", "sum(/t:top/t:pair/t:second)~3",
            "local-name(/t:top/*[t:value='y'])~pair", "namespace-uri(/t:top)~urn:homeport:test",
            "/t:top/t:small > 6~true", "/t:top/t:pair/t:second = 2~true", "/t:top/t:pair/t:second != 2~true",
            "enum-value(/t:top/t:level)~1", "derived-from(/t:top/t:kind, 't:shape')~true",
            "derived-from(/t:top/t:kind, 't:circle')~false", "derived-from-or-self(/t:top/t:kind, 't:circle')~true",
            "deref(/t:rules/t:active)/../t:port~80", "count(//@*)~0", "/t:rules/t:limit~10",
            "count(/t:top/t:nothing)~0", "count(//t:server/descendant-or-self::node())~3",
            "count(/t:top/t:pair[1]/following::t:item)~3", "/t:rules/t:server/t:port = 80~true"})
    void expressionsOverData(String expression, String expected) {
        assertEquals(expected, text(expression));
    }

    @Test
    void workBeyondTheBudgetIsRefused() {
        RpcErrorException refused = assertThrows(RpcErrorException.class, () -> value("count(//*[//*[//*]])", 1_000));
        assertEquals(Tag.RESOURCE_DENIED, refused.errors().getFirst().tag());
    }

    @Test
    void anEntryIsLookedUpByItsKeys() {
        StringBuilder items = new StringBuilder();
        for (int i = 0; i < 2_000; i++) {
            items.append("<item><name>n").append(i).append("</name></item>");
        }
        datastores.edit(Datastores.Name.RUNNING,
                Xml.parse("<config><top xmlns=\"urn:homeport:test\">" + items + "</top></config>"),
                Edit.Operation.MERGE, false, Datastores.Test.SET, Datastores.Guard.NONE);
        assertEquals("n1999", value("/t:top/t:item[t:name='n1999']/t:name", 20).text());
        assertTrue(value("not(/t:top/t:item[t:name='nobody'])", 20).bool());
    }
}
