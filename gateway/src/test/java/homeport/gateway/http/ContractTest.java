package homeport.gateway.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContractTest {
    private final Contract contract = Contract.load();

    @Test
    void whatTheContractHasIsThereAndNothingElse(@TempDir Path directory) throws Exception {
        try (var gateway = new ServedGateway(directory)) {
            var ids = contract.operations().stream().map(Contract.Operation::id).toList();
            assertEquals(new TreeSet<>(ids), new TreeSet<>(gateway.service.operations()));
            assertEquals(ids.size(), new TreeSet<>(ids).size(), "ids are unique");
            assertEquals(contract.text(), gateway.send(gateway.request("", "/openapi.yaml").build()).is(200).body());
        }
    }

    @Test
    void theTableOfProblemsIsTheCodes() {
        var rows = Pattern.compile("\\| `/problems/([a-z-]+)` \\| ([0-9]+) \\|").matcher(contract.text()).results()
                .map(row -> row.group(1) + " " + row.group(2)).collect(Collectors.toCollection(TreeSet::new));
        var types = java.util.Arrays.stream(Problem.Type.values()).map(type -> new Problem(type, "because").reply())
                .map(reply -> new io.vertx.core.json.JsonObject(reply.body()))
                .map(body -> body.getString("type").substring("/problems/".length()) + " " + body.getInteger("status"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(rows, types);
    }

    @Test
    void everyOperationSaysWhatAProblemLooksLike() {
        contract.operations().forEach(operation -> assertTrue(
                operation.responses().get("default").containsKey("application/problem+json"), operation.id()));
    }

    @Test
    void literalSegmentsGoBeforeParameters() {
        assertEquals("approveDevices", contract.match("POST", "/api/v1/devices/approve").operation().id());
        var device = contract.match("GET", "/api/v1/devices/approve");
        assertEquals("showDevice", device.operation().id());
        assertEquals("approve", device.path().get("id"));
        assertEquals("a/../b+c é",
                contract.match("GET", "/api/v1/devices/a%2F..%2fb+c%20%C3%A9").path().get("id"));
        assertThrows(Problem.class, () -> contract.match("GET", "/api/v1/devices/%zz"));
        assertThrows(Problem.class, () -> contract.match("GET", "/api/v1/devices/%c3"));
        assertThrows(Problem.class, () -> contract.match("GET", "/api/v1/devices/a%2"));
        assertThrows(Problem.class, () -> contract.match("GET", "/api/v1/devices/a/b"));
        assertThrows(Problem.class, () -> contract.match("GET", "/api/v1x/devices"));
        assertThrows(Problem.class, () -> contract.match("PUT", "/api/v1/devices"));
    }
}
