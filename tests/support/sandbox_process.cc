#include "tests/support/sandbox_process.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "service/base/status_macros.h"
#include "tests/support/http_client.h"
#include "tests/support/paths.h"

namespace logexport {
namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(60);
// All events of a long test are much.
constexpr absl::Duration kAnswerLimit = absl::Minutes(3);

absl::StatusOr<std::string> Body(const HttpReply& reply, const std::string& what) {
  if (reply.status != 200) {
    return absl::UnknownError(
        absl::StrCat("the sandbox answered ", reply.status, " to ", what, ": ", reply.body));
  }
  return reply.body;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SandboxProcess>> SandboxProcess::Start(
    const std::vector<std::string>& flags) {
  std::unique_ptr<SandboxProcess> sandbox(new SandboxProcess());
  std::vector<std::string> command = {BinaryPath("logexport-sandbox"), "--exit-with-stdin"};
  command.insert(command.end(), flags.begin(), flags.end());
  ASSIGN_OR_RETURN(sandbox->process_, Subprocess::Start(command));

  // It says where it listens last, once it serves.
  const absl::Time deadline = absl::Now() + kStartLimit;
  while (sandbox->url_.empty()) {
    const bool ended = sandbox->process_->Wait(absl::Milliseconds(5)).has_value();
    const std::string output = sandbox->process_->Output();
    for (absl::string_view line : absl::StrSplit(output, '\n')) {
      if (absl::ConsumePrefix(&line, "listening on ") && absl::EndsWith(output, "\n")) {
        sandbox->url_ = std::string(line);
      } else if (absl::StartsWith(line, "  ") && absl::StrContains(line, '=')) {
        sandbox->environment_.push_back(
            absl::StrSplit(absl::StripAsciiWhitespace(line), absl::MaxSplits('=', 1)));
      }
    }
    if (!sandbox->url_.empty()) {
      break;
    }
    sandbox->environment_.clear();
    if (ended || absl::Now() > deadline) {
      return absl::UnavailableError(absl::StrCat("logexport-sandbox does not serve: ", output,
                                                 sandbox->process_->ErrorOutput()));
    }
  }
  return sandbox;
}

std::vector<std::pair<std::string, std::string>> SandboxProcess::Environment() const {
  return environment_;
}

absl::StatusOr<std::string> SandboxProcess::Get(const std::string& what) const {
  return Body(HttpGet(url_, "/_sandbox/" + what, {}, kAnswerLimit), what);
}

absl::StatusOr<std::string> SandboxProcess::Post(const std::string& what,
                                                 const std::string& body) const {
  return Body(HttpPost(url_, "/_sandbox/" + what, body), what);
}

absl::StatusOr<JsonValue> SandboxProcess::GetJson(const std::string& what) const {
  ASSIGN_OR_RETURN(const std::string body, Get(what));
  return JsonValue::Parse(body);
}

std::int64_t SandboxProcess::Stat(const std::vector<std::string>& path) const {
  const absl::StatusOr<JsonValue> stats = GetJson("stats");
  if (!stats.ok()) {
    return -1;
  }
  const JsonValue* value = &*stats;
  for (const std::string& name : path) {
    value = &(*value)[name];
  }
  return value->Int(-1);
}

}  // namespace logexport
