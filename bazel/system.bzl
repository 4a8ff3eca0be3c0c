"""The third-party libraries, as the distribution installs them: @system//:NAME.

What to define and to link is asked of pkg-config where the library has a description, so that a
newer distribution, whose Abseil has other parts, needs no edit here. Headers lie in the compiler's
own search path.
"""

# Name in BUILD files → modules of pkg-config. Abseil is one target of all its parts: Bazel could
# not tell anyway which of them a header needs.
_MODULES = {
    "benchmark": ["benchmark"],
    "crypto": ["libcrypto"],
    "curl": ["libcurl"],
    "gmock": ["gmock"],
    "gtest_main": ["gtest_main"],
    "httplib": ["cpp-httplib"],
    "pq": ["libpq"],
    "prometheus_cpp": ["prometheus-cpp-core"],
    "protobuf": ["protobuf"],
    "simdjson": ["simdjson"],
    "spdlog": ["spdlog"],
    "sqlite3": ["sqlite3"],
    "ssl": ["openssl"],
    "yaml-cpp": ["yaml-cpp"],
    "zlib": ["zlib"],
}

# Name → what to link, of libraries without a description, and targets they need.
_PLAIN = {
    "boost": ([], [":threads"]),
    "cli11": ([], []),
    "grpc_reflection": (["-lgrpc++_reflection"], [":grpc"]),
    "rapidcheck": (["-lrapidcheck"], []),
    "soci": (["-lsoci_sqlite3", "-lsoci_core"], [":sqlite3"]),
    "threads": (["-pthread"], []),
}

def _pkg_config(repository_ctx, modules):
    result = repository_ctx.execute(["pkg-config", "--cflags", "--libs"] + modules)
    if result.return_code != 0:
        fail("pkg-config knows no %s: install the packages that ./dev names.\n%s" % (" ".join(modules), result.stderr))
    words = [word for word in result.stdout.replace("\n", " ").split(" ") if word]
    defines = [word[len("-D"):] for word in words if word.startswith("-D")]
    links = [word for word in words if word.startswith("-l") or word.startswith("-L") or word == "-pthread"]
    return defines, links

def _library(name, defines, links, deps):
    return "cc_library(\n    name = %s,\n    defines = %s,\n    linkopts = %s,\n    deps = %s,\n)\n\n" % (repr(name), defines, links, deps)

def _system_libraries_impl(repository_ctx):
    text = "package(default_visibility = [\"//visibility:public\"])\n\n"
    for name, modules in _MODULES.items():
        defines, links = _pkg_config(repository_ctx, modules)
        text += _library(name, defines, links, [":absl"] if name == "protobuf" else [])
    listed = repository_ctx.execute(["pkg-config", "--list-all"]).stdout
    parts = [line.split(" ")[0] for line in listed.split("\n") if line.startswith("absl_")]
    defines, links = _pkg_config(repository_ctx, sorted(parts))
    text += _library("absl", defines, links, [":threads"])
    defines, links = _pkg_config(repository_ctx, ["grpc++"])
    text += _library("grpc", defines, links, [":protobuf", ":absl"])
    for name, (links, deps) in _PLAIN.items():
        text += _library(name, [], links, deps)
    repository_ctx.file("BUILD", text)

system_libraries = repository_rule(
    implementation = _system_libraries_impl,
    local = True,
    environ = ["PKG_CONFIG_PATH"],
)
