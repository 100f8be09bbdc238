# Sourced by what starts the agent. A device has little memory and nothing to compute: a small heap that is given back at
# once, one compiler, one arena of the C library, whose free memory goes back to the system every minute, and none of the
# libraries that it will not use, which Java would open and keep the table of contents of. docs/agent.md has the figures.

# The options, as words.
agent_options='-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xms4m -Xmx128m -Xmn2m -XX:MinHeapFreeRatio=10
    -XX:MaxHeapFreeRatio=20 -XX:-ShrinkHeapInSteps -XX:TrimNativeHeapInterval=60000 -Xss256k -XX:-UsePerfData
    -XX:SoftRefLRUPolicyMSPerMB=0 -Dio.netty.allocator.numDirectArenas=1 -Dio.netty.allocator.numHeapArenas=0
    -Dio.netty.allocator.maxOrder=3 -Dio.netty.jfr.enabled=false'
MALLOC_ARENA_MAX=1
export MALLOC_ARENA_MAX

# agent_classpath LIBRARIES: the jars of a directory that an agent may need. Every agent may be asked for NETCONF of its own,
# also one that relays, so YANG stays.
agent_classpath() {
    for agent_library in "$1"/*.jar; do
        case ${agent_library##*/} in
            vertx-* | jdbi* | sqlite* | postgresql* | flyway* | micrometer* | prometheus* | jackson* | HikariCP* | \
                HdrHistogram* | LatencyUtils* | homeport-gateway* | netty-codec-http* | netty-codec-dns* | \
                netty-codec-socks* | netty-codec-compression* | netty-handler* | netty-resolver-dns* | \
                AmazonCorretto* | conscrypt*) ;;
            *) printf '%s:' "$agent_library" ;;
        esac
    done
}
