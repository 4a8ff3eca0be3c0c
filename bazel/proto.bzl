"""C++ and descriptors made of .proto files by the system's protoc.

Both also work in a repository that uses this one, so no path is written down: the roots of imports
are found from files that lie in them.
"""

def _import_roots(protos, root, import_marks):
    # The first file's path less its import path is the root.
    depth = "/".join([".."] * (len(protos[0].split("/")) - (1 if not root else len(root.split("/")) + 1)))
    own = "$$(dirname $(location %s))%s" % (protos[0], "/" + depth if depth else "")
    return " ".join(["-I$$(realpath -s --relative-to=. %s)" % own] + ["-I$$(dirname $(location %s))" % mark for mark in import_marks])

def _locations(files):
    return " ".join(["$(location %s)" % file for file in files])

def _with_ending(protos, ending):
    return [proto.replace(".proto", ending) for proto in protos]

def proto_code(name, protos, root = "", service = [], imports = [], import_marks = []):
    """Generates PROTO.pb.{h,cc}, and PROTO.grpc.pb.{h,cc} of those with services.

    Args:
      name: the target.
      protos: .proto files of this package, under `root`.
      root: the folder in this package that imports are relative to.
      service: those of `protos` that declare services.
      imports: .proto files elsewhere that are imported.
      import_marks: for each root of those a file that lies directly in it.
    """
    options = _import_roots(protos, root, import_marks)
    out = "$(RULEDIR)/" + root
    commands = ["protoc %s --cpp_out=%s %s" % (options, out, _locations(protos))]
    if service:
        commands.append("protoc %s --grpc_out=%s --plugin=protoc-gen-grpc=$$(command -v grpc_cpp_plugin) %s" %
                        (options, out, _locations(service)))
    native.genrule(
        name = name,
        srcs = protos + imports + import_marks,
        outs = _with_ending(protos, ".pb.h") + _with_ending(protos, ".pb.cc") +
               _with_ending(service, ".grpc.pb.h") + _with_ending(service, ".grpc.pb.cc"),
        cmd = " && ".join(commands),
    )

def embed_descriptors(name, protos, function, root = "", imports = [], import_marks = [], hdrs = []):
    """A library with `absl::string_view logexport::FUNCTION()`: the serialised FileDescriptorSet."""
    native.genrule(
        name = name + "_source",
        srcs = protos + imports + import_marks,
        outs = [name + ".cc"],
        tools = ["//proto:logexport_embed_file"],
        cmd = " && ".join([
            "protoc %s --include_imports --include_source_info --descriptor_set_out=$@.pb %s" %
            (_import_roots(protos, root, import_marks), _locations(protos)),
            "$(location //proto:logexport_embed_file) $@.pb $@ " + function,
            "rm $@.pb",
        ]),
    )
    native.cc_library(
        name = name,
        srcs = [name + ".cc"],
        hdrs = hdrs,
        copts = ["-w"],
        deps = ["@system//:absl"],
    )
