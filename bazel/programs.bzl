"""A folder of links to programs."""

def _program_folder_impl(ctx):
    links = []
    runfiles = ctx.runfiles()
    for program in ctx.attr.programs:
        executable = program[DefaultInfo].files_to_run.executable
        link = ctx.actions.declare_file(ctx.label.name + "/" + executable.basename)
        ctx.actions.symlink(output = link, target_file = executable, is_executable = True)
        links.append(link)
        runfiles = runfiles.merge(program[DefaultInfo].default_runfiles)
    return [DefaultInfo(files = depset(links), runfiles = runfiles.merge(ctx.runfiles(files = links)))]

program_folder = rule(
    implementation = _program_folder_impl,
    attrs = {"programs": attr.label_list(doc = "The programs to link to.")},
)
