"""Stand-ins for two repositories that Bazel 4.2.3 would download.

Debian's bazel-rules-cc is too new for its own Bazel, and the coverage tools are not packaged.
"""

_RULES = ["cc_binary", "cc_import", "cc_library", "cc_proto_library", "cc_test", "cc_toolchain", "cc_toolchain_suite", "objc_library"]

def _rules_cc_stub_impl(repository_ctx):
    repository_ctx.file("BUILD", "")
    repository_ctx.file("cc/BUILD", "toolchain_type(name = \"toolchain_type\", visibility = [\"//visibility:public\"])\n")
    repository_ctx.file("cc/defs.bzl", "".join(["%s = native.%s\n" % (rule, rule) for rule in _RULES]))

rules_cc_stub_repository = repository_rule(implementation = _rules_cc_stub_impl)

def _coverage_stub_impl(repository_ctx):
    repository_ctx.file("BUILD", "filegroup(name = \"coverage_report_generator\", visibility = [\"//visibility:public\"])\n")

coverage_stub_repository = repository_rule(implementation = _coverage_stub_impl)
