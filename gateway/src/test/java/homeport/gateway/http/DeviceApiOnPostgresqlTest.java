package homeport.gateway.http;

import homeport.gateway.inventory.TestDatabase;

/** The same on PostgreSQL. */
class DeviceApiOnPostgresqlTest extends DeviceApiTest {
    @Override
    TestDatabase database() {
        return TestDatabase.POSTGRESQL;
    }
}
