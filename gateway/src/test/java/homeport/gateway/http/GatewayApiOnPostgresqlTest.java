package homeport.gateway.http;

import homeport.gateway.inventory.TestDatabase;

/** The same on PostgreSQL. */
class GatewayApiOnPostgresqlTest extends GatewayApiTest {
    @Override
    TestDatabase database() {
        return TestDatabase.POSTGRESQL;
    }
}
