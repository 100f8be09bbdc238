# SPDX-License-Identifier: Apache-2.0
"""Drives our whole NETCONF server with ncclient: every operation, what it did to the data, and errors as ncclient reads them.

Usage: ncclient_server.py PORT USER KEYFILE HANDLER
"""
import sys
import warnings

warnings.filterwarnings("ignore")
from ncclient import manager  # noqa: E402
from ncclient.operations import RPCError  # noqa: E402
from ncclient.operations import Commit, CopyConfig, DeleteConfig, DiscardChanges, EditConfig, GetSchema  # noqa: E402
from ncclient.operations import Get, GetConfig, CancelCommit, CreateSubscription, RaiseMode  # noqa: E402
from ncclient.xml_ import to_ele  # noqa: E402

port, user, key, handler = sys.argv[1:5]
BASE = "urn:ietf:params:xml:ns:netconf:base:1.0"
TEST = "urn:homeport:test"


class Session:
    """ncclient's own operations under its handler's framing; a handler that replaces one by its vendor's is put aside."""

    def __init__(self):
        self.manager = manager.connect(host="127.0.0.1", port=int(port), username=user, key_filename=key,
                                       hostkey_verify=False, allow_agent=False, look_for_keys=False,
                                       device_params={"name": handler}, timeout=20)

    def run(self, operation, *args, **kwargs):
        m = self.manager
        return operation(m._session, m._device_handler, timeout=20, raise_mode=RaiseMode.ALL).request(*args, **kwargs)

    def raw(self, xml):
        return self.manager.dispatch(to_ele(xml))

    def text(self, reply):
        return reply.xml if isinstance(getattr(reply, "xml", None), str) else str(reply)

    def edit(self, inside, target="candidate", **options):
        config = '<config xmlns="%s" xmlns:nc="%s"><top xmlns="%s">%s</top></config>' % (BASE, BASE, TEST, inside)
        return self.run(EditConfig, config, target=target, **options)

    def config(self, source="running", **options):
        return self.text(self.run(GetConfig, source, **options))


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


def refused(tag, work):
    try:
        work()
    except RPCError as error:
        expect(error.tag == tag, "%s instead of %s" % (error.tag, tag))
        expect(error.severity == "error", error.severity)
        return error
    raise ValueError("no error came where %s should" % tag)


s = Session()
m = s.manager


def edit_operations():
    s.edit("<plain>one</plain><pair><first>a</first><second>1</second></pair>", "running")
    expect(">one<" in s.config(), "merge")
    s.edit('<pair nc:operation="create"><first>b</first><second>2</second></pair>', "running")
    error = refused("data-exists", lambda: s.edit(
        '<pair nc:operation="create"><first>b</first><second>2</second></pair>', "running"))
    expect("pair[" in (error.path or ""), error.path)
    s.edit('<pair nc:operation="replace"><first>b</first><second>2</second><value>v</value></pair>', "running")
    expect(">v<" in s.config(), "replace")
    s.edit('<pair nc:operation="delete"><first>b</first><second>2</second></pair>', "running")
    expect(">v<" not in s.config(), "delete")
    refused("data-missing", lambda: s.edit(
        '<pair nc:operation="delete"><first>b</first><second>2</second></pair>', "running"))
    s.edit('<pair nc:operation="remove"><first>b</first><second>2</second></pair>', "running")
    error = refused("invalid-value", lambda: s.edit("<small>11</small>", "running"))
    refused("unknown-element", lambda: s.edit("<nonsense/>", "running"))
    s.edit("<plain>two</plain>", "running", default_operation="replace")
    expect("pair" not in s.config(), "default-operation replace")
    refused("data-missing", lambda: s.edit("<pair><first>q</first><second>9</second><value>x</value></pair>",
                                           "running", default_operation="none"))


def test_and_error_options():
    s.edit("<plain>three</plain>", test_option="test-only")
    expect(">three<" not in s.config("candidate"), "test-only set something")
    refused("invalid-value", lambda: s.edit("<plain>four</plain><small>11</small>", "running",
                                            error_option="rollback-on-error"))
    expect(">two<" in s.config(), "rollback-on-error left something")
    s.edit("<plain>set</plain>", test_option="test-then-set", error_option="stop-on-error")
    s.run(DiscardChanges)


def filters():
    s.edit("<pair><first>a</first><second>1</second><value>v</value></pair>", "running")
    subtree = '<top xmlns="%s"><pair><first>a</first></pair></top>' % TEST
    found = s.config(filter=("subtree", subtree))
    expect(">v<" in found and ">two<" not in found, "subtree: " + found)
    reply = s.text(s.run(Get, filter=("xpath", ({"t": TEST}, "/t:top/t:pair[t:first='a']"))))
    expect(">v<" in reply and ">two<" not in reply, "xpath: " + reply)
    state = s.text(s.run(Get, filter=("subtree",
                                      '<netconf-state xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"/>')))
    expect("<session-id>%s</session-id>" % m.session_id in state.replace("ncm:", ""), "monitoring: " + state[:500])


def with_defaults():
    everything = s.config(with_defaults="report-all")
    expect("mtu" in everything, "report-all")
    expect("mtu" not in s.config(with_defaults="explicit"), "explicit")
    expect("mtu" not in s.config(with_defaults="trim"), "trim")


def locks():
    other = Session()
    m.lock("candidate")
    error = refused("lock-denied", lambda: other.manager.lock("candidate"))
    expect(m.session_id in (error.info or ""), error.info)
    refused("in-use", lambda: other.edit("<plain>other</plain>"))
    m.unlock("candidate")
    with other.manager.locked("running"):
        refused("in-use", lambda: s.edit("<plain>mine</plain>", "running"))
    other.raw('<partial-lock xmlns="urn:ietf:params:xml:ns:netconf:partial-lock:1.0" xmlns:t="%s">'
              "<select>/t:top/t:pair</select></partial-lock>" % TEST)
    refused("in-use", lambda: s.edit("<pair><first>a</first><second>1</second><value>w</value></pair>", "running"))
    s.edit("<plain>free</plain>", "running")
    other.manager.close_session()


def candidate():
    s.edit("<plain>next</plain>")
    expect(">next<" not in s.config(), "running changed before the commit")
    m.validate("candidate")
    s.run(Commit)
    expect(">next<" in s.config(), "commit")
    s.edit("<plain>gone</plain>")
    s.run(DiscardChanges)
    expect(">gone<" not in s.config("candidate"), "discard-changes")
    s.edit("<radio><band>5</band></radio>")
    refused("data-missing", lambda: s.run(Commit))
    refused("data-missing", lambda: m.validate("candidate"))
    s.run(DiscardChanges)


def confirmed():
    s.edit("<plain>try</plain>")
    s.run(Commit, confirmed=True, timeout="60")
    expect(">try<" in s.config(), "confirmed commit")
    s.run(CancelCommit)
    expect(">next<" in s.config(), "cancel-commit")
    other = Session()
    other.edit("<plain>keep</plain>")
    other.run(Commit, confirmed=True, timeout="60", persist="token")
    other.manager.close_session()
    expect(">keep<" in s.config(), "persist")
    refused("invalid-value", lambda: s.run(Commit, persist_id="wrong"))
    s.run(Commit, persist_id="token")
    expect(">keep<" in s.config(), "persist-id")


def whole_datastores():
    s.run(CopyConfig, "running", "startup")
    expect(">keep<" in s.config("startup"), "copy-config")
    s.run(DeleteConfig, "startup")
    expect(">keep<" not in s.config("startup"), "delete-config")


def nmda():
    reply = s.text(s.raw('<get-data xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-nmda" '
                         'xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores"><datastore>ds:running</datastore>'
                         "</get-data>"))
    expect(">keep<" in reply, "get-data")
    s.raw('<edit-data xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-nmda" '
          'xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores"><datastore>ds:running</datastore>'
          '<config><top xmlns="%s"><plain>nmda</plain></top></config></edit-data>' % TEST)
    expect(">nmda<" in s.config(), "edit-data")
    refused("invalid-value", lambda: s.raw(
        '<get-data xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-nmda" '
        'xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores"><datastore>ds:dynamic</datastore></get-data>'))


def schemas():
    reply = s.run(GetSchema, "ietf-interfaces")
    # Some handlers give another view of a reply.
    expect("module ietf-interfaces" in (reply.data if hasattr(reply, "data") else s.text(reply)), "get-schema")
    library = s.text(s.run(Get, filter=("subtree", '<yang-library xmlns="urn:ietf:params:xml:ns:yang:ietf-yang-library"/>')))
    expect("ietf-netconf-server" in library, "yang library")
    refused("invalid-value", lambda: s.run(GetSchema, "no-such-module"))


def others():
    refused("operation-not-supported", lambda: s.raw('<nonsense xmlns="%s"/>' % BASE))
    refused("unknown-namespace", lambda: s.raw('<nonsense xmlns="urn:nobody"/>'))


def kill():
    other = Session()
    m.kill_session(str(other.manager.session_id))
    other.manager._session.join(20)
    expect(not other.manager.connected, "still connected")
    refused("invalid-value", lambda: m.kill_session(str(m.session_id)))


def notifications():
    watcher = Session()
    watcher.run(CreateSubscription, start_time="2020-01-01T00:00:00Z")
    seen = []
    while not any("replayComplete" in one for one in seen):
        one = watcher.manager.take_notification(timeout=20)
        expect(one is not None, "the replay stopped")
        seen.append(one.notification_xml)
    expect(any("netconf-config-change" in one for one in seen), "no change was replayed")
    s.edit("<plain>told</plain>", "running")
    one = watcher.manager.take_notification(timeout=20)
    expect(one is not None and "netconf-config-change" in one.notification_xml, "no change was told")
    watcher.manager.close_session()


def subscriptions():
    watcher = Session()

    def notified(what):
        for _ in range(20):
            one = watcher.manager.take_notification(timeout=20)
            expect(one is not None, "no %s came" % what)
            if what in one.notification_xml:
                return one.notification_xml
        raise ValueError("no %s came" % what)

    sn = "urn:ietf:params:xml:ns:yang:ietf-subscribed-notifications"
    push = ('<establish-subscription xmlns="%s" xmlns:yp="urn:ietf:params:xml:ns:yang:ietf-yang-push" '
            'xmlns:ds="urn:ietf:params:xml:ns:yang:ietf-datastores"><yp:datastore>ds:running</yp:datastore>%%s'
            "</establish-subscription>" % sn)
    reply = watcher.text(watcher.raw(push % "<yp:on-change/>"))
    expect("id" in reply, reply)
    expect(">told<" in notified("push-update"), "push-update")
    s.edit("<plain>pushed</plain>", "running")
    expect(">pushed<" in notified("push-change-update"), "push-change-update")
    watcher.raw(push % "<yp:periodic><yp:period>100</yp:period></yp:periodic>")
    expect(">pushed<" in notified("push-update"), "periodic")
    watcher.raw('<establish-subscription xmlns="%s"><stream>NETCONF</stream></establish-subscription>' % sn)
    s.edit("<plain>again</plain>", "running")
    notified("netconf-config-change")
    refused("invalid-value", lambda: s.raw('<delete-subscription xmlns="%s"><id>1</id></delete-subscription>' % sn))
    watcher.manager.close_session()


step("edit-config operations", edit_operations)
step("edit-config options", test_and_error_options)
step("filters", filters)
step("with-defaults", with_defaults)
step("locks", locks)
step("candidate", candidate)
step("confirmed commit", confirmed)
step("copy-config and delete-config", whole_datastores)
step("get-data and edit-data", nmda)
step("get-schema and yang-library", schemas)
step("other operations", others)
step("kill-session", kill)
# Handlers without this check take a notification for a reply and give up their session.
if m._device_handler.perform_qualify_check():
    step("notifications", notifications)
    step("subscriptions and YANG push", subscriptions)
step("close-session", lambda: m.close_session())
print("done")
