# SPDX-License-Identifier: Apache-2.0
"""ncclient beside our client: `run N` makes N get-configs, spread over all sessions, one thread each.

Usage: ncclient_worker.py PORT KEYFILE SESSIONS
"""
import sys
import threading
import warnings

warnings.filterwarnings("ignore")
from ncclient import manager  # noqa: E402

port, key, sessions = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
managers = [manager.connect(host="127.0.0.1", port=port, username="bench", key_filename=key, hostkey_verify=False,
                            allow_agent=False, look_for_keys=False, timeout=60) for _ in range(sessions)]
failures = []


def work(one, times):
    try:
        for _ in range(times):
            if "eth0" not in one.get_config("running").data_xml:
                raise ValueError("another reply came")
    except Exception as wrong:
        failures.append(wrong)


print("ready", flush=True)
for line in sys.stdin:
    threads = [threading.Thread(target=work, args=(one, int(line.split()[1]) // sessions)) for one in managers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit(str(failures[0]))
    print("done", flush=True)
