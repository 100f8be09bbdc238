package homeport.bench;

import homeport.netconf.ServerSessions;
import homeport.netconf.client.Datastore;
import homeport.netconf.client.EditConfig;
import homeport.netconf.client.NetconfClient;
import homeport.netconf.datastore.Datastores;
import homeport.netconf.datastore.Schemas;
import homeport.netconf.server.NetconfServer;
import homeport.netconf.server.ServerSettings;
import homeport.netconf.xml.Xml;
import homeport.netconf.xml.XmlElement;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Our server with many interfaces, and a client of it in the same JVM: {@code run N} changes N descriptions, one after
 * another through the candidate, and answers with the nanoseconds that took.
 */
final class CommitWorker {
    private CommitWorker() {}

    /** {@code INTERFACES DIRECTORY}; the directory may be {@code memory}. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws IOException {
        int interfaces = Integer.parseInt(arguments[0]);
        var schemas = Schemas.standard();
        var datastores = arguments[1].equals("memory")
                ? Datastores.inMemory(schemas, Datastores.Boot.RUNNING)
                : Datastores.open(schemas, Path.of(arguments[1]), Datastores.Boot.RUNNING);
        var sessions = new ServerSessions();
        var client = NetconfServerWorker.client(
                new NetconfServer(ServerSettings.of(datastores, sessions, identity -> true)), sessions);
        var all = new StringBuilder();
        for (int i = 0; i < interfaces; i++) {
            all.append(entry(i, "<type>i:ethernetCsmacd</type><description>first</description>"));
        }
        edit(client, all.toString());
        System.out.println("ready");
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        long done = 0;
        for (var command = in.readLine(); command != null; command = in.readLine()) {
            int times = Integer.parseInt(command.substring("run ".length()));
            long start = System.nanoTime();
            for (int i = 0; i < times; i++, done++) {
                // A step without a common factor: the whole range is met, neighbours are not.
                edit(client, entry((int) (done * 37 % interfaces), "<description>d" + done + "</description>"));
            }
            System.out.println(System.nanoTime() - start);
        }
        System.exit(0);
    }

    private static String entry(int number, String content) {
        return "<interface><name>eth" + number + "</name>" + content + "</interface>";
    }

    private static void edit(NetconfClient client, String interfaces) {
        XmlElement config = Xml.parse("<interfaces xmlns=\"urn:ietf:params:xml:ns:yang:ietf-interfaces\""
                + " xmlns:i=\"urn:ietf:params:xml:ns:yang:iana-if-type\">" + interfaces + "</interfaces>");
        client.editConfig(EditConfig.of(Datastore.CANDIDATE, config));
        client.commit();
    }
}
