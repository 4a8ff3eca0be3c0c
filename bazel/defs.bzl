"""The kinds of targets, named as in the top CMakeLists.txt and with the same flags.

A library sees every header of its folder; `srcs` lists what CMake lists, so that the two lists can
be compared (layout_test does).
"""

_WARNINGS = [
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wshadow",
    "-Wconversion",
    "-Wnon-virtual-dtor",
    "-Werror",
    # False alarms about std::string in g++ 12 (its bug 105651), gone in 13.
    "-Wno-restrict",
    "-Wno-stringop-overflow",
]

_LINK = ["-Wl,--as-needed"]

def _headers():
    return native.glob(["**/*.h"], allow_empty = True)

def logexport_library(name, srcs, deps = [], **kwargs):
    native.cc_library(
        name = name,
        # CMake lists some headers beside the sources; here they are all in hdrs.
        srcs = [file for file in srcs if not file.endswith(".h")],
        hdrs = _headers(),
        copts = _WARNINGS + kwargs.pop("copts", []),
        deps = deps,
        **kwargs
    )

def logexport_binary(name, srcs, deps = [], **kwargs):
    native.cc_binary(
        name = name,
        srcs = [file for file in srcs if not file.endswith(".h")] + _headers(),
        copts = _WARNINGS + kwargs.pop("copts", []),
        linkopts = _LINK,
        deps = deps,
        **kwargs
    )

def logexport_bench(name, srcs, deps = [], **kwargs):
    logexport_binary(
        name = name,
        srcs = srcs,
        testonly = True,
        deps = deps + ["@system//:benchmark"],
        **kwargs
    )

def logexport_test(name, srcs, deps = [], data = [], timeout = "moderate", programs = False, **kwargs):
    """A test program. It runs at the root of the source tree's copy, where it finds all its folder's
    files; with `programs` set also ours, in bin/."""
    native.cc_test(
        name = name,
        srcs = [file for file in srcs if not file.endswith(".h")] + _headers(),
        copts = _WARNINGS,
        linkopts = _LINK,
        args = ["--gtest_shuffle"],
        data = native.glob(["**"], exclude = ["**/*.cc", "**/*.h", "node_modules/**"]) + data + (["//:bin"] if programs else []),
        env = {"LOGEXPORT_SOURCE_DIR": ".", "LOGEXPORT_BIN_DIR": "bin"},
        timeout = timeout,
        deps = deps + ["@system//:gmock", "@system//:gtest_main"],
        **kwargs
    )

def logexport_script_test(name, srcs, timeout = "moderate", **kwargs):
    """A test that is a script, called with the source tree and the folder of our programs.

    It sees the tree itself, with what npm installed there, which Bazel therefore cannot watch for it.
    """
    native.sh_test(
        name = name,
        srcs = ["//bazel:run_script.sh"],
        args = ["$(location %s)" % srcs[0]],
        data = srcs + ["//:WORKSPACE", "//:bin"],
        tags = ["external", "local"],
        timeout = timeout,
        **kwargs
    )
