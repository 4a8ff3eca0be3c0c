#include "service/web/console_files.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "service/web/answers.h"

namespace logexport {
namespace {

// Whether the client takes the coding. One with a weight of 0 it does not.
bool Accepts(const WebRequest& request, absl::string_view coding) {
  for (const absl::string_view entry :
       absl::StrSplit(request.Field("accept-encoding").value_or(""), ',')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(entry, ';');
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts.front()), coding)) continue;
    const std::string weight =
        parts.size() < 2 ? "" : std::string(absl::StripAsciiWhitespace(parts[1]));
    return weight != "q=0" && weight != "q=0.0" && weight != "q=0.00" && weight != "q=0.000";
  }
  return false;
}

void SetField(WebResponse& response, const std::string& name, std::string value) {
  const auto field = std::find_if(response.fields.begin(), response.fields.end(),
                                  [&](const auto& each) { return each.first == name; });
  if (field != response.fields.end()) {
    field->second = std::move(value);
  } else {
    response.fields.emplace_back(name, std::move(value));
  }
}

}  // namespace

WebResponse ConsoleAnswer(const std::vector<ConsoleFile>& files, const WebRequest& request) {
  const auto file = std::find_if(files.begin(), files.end(), [&](const ConsoleFile& each) {
    return each.path == request.Path();
  });
  if (file == files.end()) {
    if (files.empty() && request.Path() == "/") {
      return TextAnswer(
          404,
          "This service was built without its console: client/console was not built "
          "first, which needs npm. Everything else works; see `logexportctl help`.\n");
    }
    return TextAnswer(404, "there is nothing here\n");
  }
  WebResponse response{.fields = SecurityFields()};
  SetField(response, "content-type", std::string(file->type));
  // What may change is asked for again each time, which costs next to nothing.
  SetField(response, "cache-control",
           file->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  SetField(response, "vary", "accept-encoding");
  std::string tag(file->etag);
  if (!file->brotli.empty() && Accepts(request, "br")) {
    response.fixed_body = file->brotli;
    SetField(response, "content-encoding", "br");
    tag += "-br";
  } else if (!file->gzip.empty() && Accepts(request, "gzip")) {
    response.fixed_body = file->gzip;
    SetField(response, "content-encoding", "gzip");
    tag += "-gzip";
  } else {
    response.fixed_body = file->content;
  }
  tag = absl::StrCat("\"", tag, "\"");
  SetField(response, "etag", tag);
  if (request.Field("if-none-match").value_or("") == tag) {
    response.status = 304;
    response.fixed_body = {};
  }
  return response;
}

}  // namespace logexport
