# SPDX-License-Identifier: Apache-2.0
"""Drives a NETCONF server with ncclient: every operation it has, as one of its device handlers writes them.

Usage: ncclient_drive.py PORT USER KEYFILE HANDLER
"""
import sys
import warnings

warnings.filterwarnings("ignore")
from ncclient import manager  # noqa: E402
from ncclient.operations import RPCError  # noqa: E402
from ncclient.xml_ import to_ele  # noqa: E402

port, user, key, handler = sys.argv[1:5]
CONFIG = ('<config xmlns:xc="urn:ietf:params:xml:ns:netconf:base:1.0">'
          '<top xmlns="http://example.com/schema/1.2/config"><interface xc:operation="replace">'
          "<name>Ethernet0/0</name><mtu>1500</mtu></interface></top></config>")


def connect():
    return manager.connect(host="127.0.0.1", port=int(port), username=user, key_filename=key, hostkey_verify=False,
                           allow_agent=False, look_for_keys=False, device_params={"name": handler}, timeout=20)


def step(name, work):
    try:
        work()
    except Exception as wrong:
        print("FAILED", name, type(wrong).__name__, wrong)
        sys.exit(1)
    print("ok", name)


def expect(condition, what):
    if not condition:
        raise ValueError(what)


m = connect()
expect(m.session_id, "no session id")
expect(":candidate" in m.server_capabilities, "no candidate")


def basics():
    with m.locked("running"):
        expect("Ethernet0/0" in str(m.get_config(source="running")), "get_config")


def filters():
    expect("Ethernet0/0" in str(m.get(filter=("subtree", '<top xmlns="http://example.com/schema/1.2/config"/>'))), "subtree")
    expect("Ethernet0/0" in str(m.get_config("running", filter=("xpath", "/top"))), "xpath")


def errors():
    try:
        m.dispatch(to_ele('<refuse xmlns="urn:x"/>'))
    except RPCError as error:
        expect(error.tag == "invalid-value", error.tag)
        expect(error.type == "application", error.type)
        expect(error.path == "/x:refuse", error.path)
        expect(error.message == "refused on request", error.message)
        expect(error.app_tag == "too-much", error.app_tag)
        return
    raise ValueError("no error came")


def kill():
    other = connect()
    m.kill_session(str(other.session_id))
    other._session.join(20)
    expect(not other.connected, "still connected")


def large():
    expect(len(str(m.dispatch(to_ele('<large xmlns="urn:x"/>')))) > 3000000, "large reply")


def notifications():
    m.create_subscription()
    m.dispatch(to_ele('<announce xmlns="urn:x"/>'))
    for number in range(3):
        notification = m.take_notification(timeout=20)
        expect(notification is not None, "no notification %d" % number)
        expect("<number>%d</number>" % number in notification.notification_xml, notification.notification_xml)


step("locked get-config", basics)
step("filters", filters)
step("edit-config", lambda: m.edit_config(target="candidate", config=CONFIG, default_operation="merge",
                                          test_option="test-then-set", error_option="rollback-on-error"))
step("validate", lambda: m.validate("candidate"))
step("commit", lambda: m.commit())
step("confirmed commit", lambda: m.commit(confirmed=True, timeout="60"))
step("discard-changes", lambda: m.discard_changes())
step("copy-config", lambda: m.copy_config(source="running", target="startup"))
step("delete-config", lambda: m.delete_config("startup"))
step("errors", errors)
step("kill-session", kill)
step("large reply", large)
# Handlers without this check take a notification for a reply and give up their session.
if m._device_handler.perform_qualify_check():
    step("notifications", notifications)
step("close-session", lambda: m.close_session())
print("done")
