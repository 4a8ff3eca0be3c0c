"""Everything the build needs from outside, without a download.

The rules come from Debian's packages (bazel-rules-java, bazel-rules-proto, bazel-platforms,
bazel-skylib), the libraries from the -dev packages that CMake uses too. Called by our own WORKSPACE
and by those of projects that use ours as a local_repository.
"""

load("//bazel:stubs.bzl", "coverage_stub_repository", "rules_cc_stub_repository")
load("//bazel:system.bzl", "system_libraries")

_PACKAGED = {
    "bazel_skylib": "/usr/share/bazel/tools/skylib",
    "platforms": "/usr/share/bazel/tools/platforms",
    "rules_java": "/usr/share/bazel/rules/java",
    "rules_proto": "/usr/share/bazel/rules/proto",
}

def logexport_repositories():
    for name, path in _PACKAGED.items():
        if not native.existing_rule(name):
            native.local_repository(name = name, path = path)
    if not native.existing_rule("rules_cc"):
        rules_cc_stub_repository(name = "rules_cc")
    if not native.existing_rule("remote_coverage_tools"):
        coverage_stub_repository(name = "remote_coverage_tools")
    if not native.existing_rule("system"):
        system_libraries(name = "system")
