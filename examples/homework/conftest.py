"""Grading: every submission through every test, and a table of who passes which, and makes which mistake.

``python -m pytest --submissions=FOLDER``; without the option it is ``backprop.py``.
"""

from pathlib import Path

import pytest
from submissions import Submission

HERE = Path(__file__).parent


def pytest_addoption(parser, pluginmanager):
    """Add the options; the plugin of the package is taken also where the package is not installed."""
    pluginmanager.import_plugin("nn.pytest_plugin")
    group = parser.getgroup("homework")
    group.addoption("--submissions", metavar="PATH", help="a folder of submissions, or one file")
    group.addoption("--seconds", type=float, default=10, help="how long a call may take (default: 10)")


def pytest_generate_tests(metafunc):
    """Run a test once for each submission."""
    if "submission" in metafunc.fixturenames:
        path = Path(metafunc.config.getoption("--submissions") or HERE / "backprop.py")
        files = sorted(path.glob("*.py")) if path.is_dir() else [path]
        if not files or not all(file.exists() for file in files):
            raise pytest.UsageError(f"there are no submissions in {path}")
        metafunc.parametrize(
            "submission", files, ids=[file.stem for file in files], indirect=True, scope="session"
        )


@pytest.fixture(scope="session")
def submission(request):
    """One submission; its process serves its tests one after another."""
    one = Submission(request.param, request.config.getoption("--seconds"))
    yield one
    one.remove()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep for the table which mistake it was."""
    report = yield
    if report.when == "call":
        who = item.callspec.id if hasattr(item, "callspec") else ""
        check = getattr(call.excinfo.value, "check", None) if call.excinfo else None
        mistakes = " and ".join(check.mistakes) if check else ""
        said = check.finding if check else ""
        report.user_properties += [("submission", who), ("mistake", mistakes), ("said", said)]
    return report


def pytest_terminal_summary(terminalreporter, config):
    """Print the table, where there was more than one submission."""
    tests, table = [], {}
    for report in (report for reports in terminalreporter.stats.values() for report in reports):
        properties = dict(getattr(report, "user_properties", ()))
        if properties.get("submission"):
            test = report.nodeid.rpartition("::")[2].partition("[")[0]
            tests.append(test)
            table.setdefault(properties["submission"], {})[test] = (report.passed, properties)
    if config.getoption("--submissions") is None or not table:
        return
    tests = sorted(set(tests))
    width = max(len(who) for who in table)
    terminalreporter.section("submissions")
    terminalreporter.write_line(f"the tests, in this order: {', '.join(tests)}")
    for who, results in sorted(table.items()):
        terminalreporter.write_line(row(who.ljust(width), tests, results))


def row(who, tests, results):
    """Return one line of the table: who, a mark for each test, and the first mistake that has a name."""
    marks = " ".join("-" if test not in results else "✓" if results[test][0] else "✗" for test in tests)
    failures = [results[test][1] for test in tests if test in results and not results[test][0]]
    if not failures:
        return f"{who}  {marks}  all right"
    failed = next((failure for failure in failures if failure["mistake"]), failures[0])
    return f"{who}  {marks}  {failed['mistake'] or 'none of the catalogue'}: {failed['said']}"
