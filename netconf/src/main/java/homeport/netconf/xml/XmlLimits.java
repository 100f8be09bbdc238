package homeport.netconf.xml;

/**
 * What one document may cost to read.
 *
 * @param depth elements inside each other
 * @param attributes on one element, declarations not counted
 * @param elements in a tree in memory
 * @param names different names in one document, of elements, attributes, prefixes, namespaces and instructions: the
 *     parser keeps each
 * @param markupChars read without anything complete to show for it: bounds a tag, a name, a comment
 */
public record XmlLimits(int depth, int attributes, int elements, int names, int markupChars) {
    public static final XmlLimits DEFAULT = new XmlLimits(256, 256, 1_000_000, 20_000, 256 << 10);
}
