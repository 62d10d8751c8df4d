"""API8:2023, security misconfiguration: what every answer says, and what none does.

An unforeseen failure that tells nothing is in tests/api/test_problems.py, secrets without a default
in tests/cli/test_init_and_serve.py, the image in tests/test_repository.py.
"""

from rfl import config
from tests.api.support import Desk, refused
from tests.security.attack import OPERATIONS

TELLING = {"server", "x-powered-by", "set-cookie", "access-control-allow-origin", "etag", "via"}
ORIGIN = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}


def test_every_answer_is_kept_by_nobody_and_is_for_no_other_origin(sqlite_desk: Desk) -> None:
    for operation in OPERATIONS:
        path = operation.address()
        answers = [
            sqlite_desk.client.request(operation.method, path, headers=ORIGIN),
            sqlite_desk.client.options(path, headers=ORIGIN),
        ]
        for answer in answers:
            assert answer.headers["cache-control"] == "no-store", operation.name
            assert answer.headers["x-content-type-options"] == "nosniff", operation.name
            assert answer.headers["referrer-policy"] == "no-referrer", operation.name
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert not TELLING & answer.headers.keys(), operation.name
        refused(answers[1], 405, None, "does not answer to this method")


def test_methods_that_no_operation_has_are_refused(sqlite_desk: Desk) -> None:
    for operation in OPERATIONS[::7]:
        for method in ("TRACE", "CONNECT", "PATCH", "PROPFIND", "X"):
            answer = sqlite_desk.client.request(method, operation.address())
            assert answer.status_code == 405, (method, operation.name)
    override = {"X-HTTP-Method-Override": "DELETE", "X-Original-URL": "/v1/log"}
    answer = sqlite_desk.client.get("/v1/me", headers=override)
    refused(answer, 401, None, "valid token")


def test_what_the_address_says_of_its_host_changes_nothing(sqlite_desk: Desk) -> None:
    for name in ("Host", "X-Forwarded-Host", "Forwarded"):
        headers = {name: "evil.example"}
        made = sqlite_desk.officer.post("/v1/intakes", None, headers=headers)
        assert made.status_code == 201
        assert "evil.example" not in f"{made.headers} {made.text}"


def test_no_page_of_documentation_is_served(sqlite_desk: Desk) -> None:
    for path in ("/docs", "/redoc", "/openapi.json", "/metrics", "/debug", "/.env", "/.git/config"):
        refused(sqlite_desk.client.get(path), 404, None, "no such address")


def test_no_secret_has_a_default() -> None:
    words = ("secret", "password", "passphrase", "token_", "key_file")
    fields = config.Settings.model_fields
    secrets = [name for name in fields for word in words if word in name and "days" not in name]
    assert len(secrets) >= 4
    assert {name for name in secrets if fields[name].default not in (None, "")} == set()
