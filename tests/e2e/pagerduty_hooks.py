"""PagerDuty's webhooks (v3) as it sends them: events, and their signature."""

import hashlib
import hmac
import json
import struct


def dedup_key(page):
    def prefixed(text):
        return struct.pack("<I", len(text)) + text.encode()
    return "quell-" + hashlib.sha256(prefixed("quell-dedup-1") + prefixed(page)).hexdigest()


def foreign_id(key):
    """PagerDuty's own id of the incident, as these tests give it."""
    return "P" + key[:6]


def event(number, kind, key, data=None, agent="Ada"):
    """The event `number` on incident `key`; a note names it by PagerDuty's id alone."""
    data = data or {"type": "incident", "id": foreign_id(key), "incident_key": dedup_key(key)}
    return json.dumps({"event": {
        "id": f"event-{number}", "event_type": kind, "resource_type": "incident",
        "occurred_at": "2026-08-22T10:00:00.000Z", "client": None,
        "agent": {"type": "user_reference", "summary": agent}, "data": data}})


def note(number, key, text):
    return event(number, "incident.annotated", key,
                 {"type": "incident_note", "incident": {"id": foreign_id(key)}, "content": text})


def merge(number, key, into):
    return event(number, "incident.resolved", key, {
        "type": "incident", "id": foreign_id(key), "incident_key": dedup_key(key),
        "resolve_reason": {"type": "merge_resolve_reason", "incident": {"id": foreign_id(into)}}})


def signature(body, secret):
    return "v1=" + hmac.new(secret, body.encode(), hashlib.sha256).hexdigest()
