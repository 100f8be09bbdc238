package homeport.netconf.datastore;

import homeport.netconf.xml.Namespaces;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.xml.xpath.XPathExpressionException;
import org.opendaylight.yangtools.yang.common.QName;
import org.opendaylight.yangtools.yang.xpath.api.YangBinaryExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangBinaryOperator;
import org.opendaylight.yangtools.yang.xpath.api.YangExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangLiteralExpr;
import org.opendaylight.yangtools.yang.xpath.api.YangLocationPath;

/** Key predicates such as {@code [ex:name='a'][ex:id='7']}, read with yangtools' XPath parser. */
final class KeyPredicates {
    private KeyPredicates() {}

    /**
     * The values by key, as text.
     *
     * @throws IllegalArgumentException for anything but equality of keys to literals
     */
    static Map<QName, String> parse(Schemas schemas, String text, Namespaces namespaces, Definition list) {
        YangExpr parsed;
        try {
            parsed = XPath.parser(schemas, namespaces).parseExpression("*" + text).getRootExpr();
        } catch (XPathExpressionException e) {
            throw new IllegalArgumentException("not a key predicate: " + text, e);
        }
        if (!(parsed instanceof YangLocationPath path) || path.getSteps().size() != 1) {
            throw new IllegalArgumentException("not a key predicate: " + text);
        }
        Map<QName, String> keys = new LinkedHashMap<>();
        for (YangExpr predicate : path.getSteps().getFirst().getPredicates()) {
            if (predicate instanceof YangBinaryExpr equality && equality.getOperator() == YangBinaryOperator.EQUALS
                    && equality.getLeftExpr() instanceof YangLocationPath left && left.getSteps().size() == 1
                    && left.getSteps().getFirst() instanceof YangLocationPath.QNameStep key
                    && equality.getRightExpr() instanceof YangLiteralExpr literal) {
                keys.put(QName.create(list.name(), key.getLocalName()), literal.getLiteral());
            } else {
                throw new IllegalArgumentException("not a key predicate: " + text);
            }
        }
        return keys;
    }
}
