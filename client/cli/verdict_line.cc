#include "client/cli/verdict_line.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "client/cli/api_conventions.h"
#include "client/cli/errors.h"
#include "client/cli/text_table.h"

namespace logexport::cli {

std::optional<v1::Verdict> VerdictOf(const google::protobuf::Message& answer) {
  const auto* field = VerdictField(answer.GetDescriptor());
  if (field == nullptr || !answer.GetReflection()->HasField(answer, field)) return std::nullopt;
  v1::Verdict verdict;
  if (!verdict.ParseFromString(
          answer.GetReflection()->GetMessage(answer, field).SerializeAsString())) {
    return std::nullopt;
  }
  return verdict;
}

std::string VerdictLine(const v1::Verdict& verdict) {
  const std::string health(absl::StripPrefix(v1::Health_Name(verdict.health()), "HEALTH_"));
  std::string line = absl::StrCat(health, ": ", Printable(verdict.summary()), ".");
  if (!verdict.action().empty()) absl::StrAppend(&line, " To do: ", Printable(verdict.action()));
  return line;
}

int ExitCodeOf(const v1::Verdict& verdict) {
  switch (verdict.health()) {
    case v1::HEALTH_WELL:
      return kExitOk;
    case v1::HEALTH_FAILING:
      return kExitFailing;
    default:
      return kExitAttention;  // also what a newer service may say
  }
}

std::string Coloured(const std::string& text, v1::Health health) {
  const char* colour = "33";  // yellow
  if (health == v1::HEALTH_WELL) colour = "32";
  if (health == v1::HEALTH_FAILING) colour = "31";
  return absl::StrCat("\x1b[1;", colour, "m", text, "\x1b[0m");
}

}  // namespace logexport::cli
