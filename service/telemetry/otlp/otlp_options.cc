#include "service/telemetry/otlp/otlp_options.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "service/base/status_macros.h"

namespace logexport {
namespace {

constexpr std::size_t kMostQueued = 1'000'000;

class Variables {
 public:
  using Lookup = std::function<std::optional<std::string>(absl::string_view name)>;
  explicit Variables(const Lookup& lookup) : lookup_(lookup) {}

  // Set to an empty text is the same as not set.
  std::optional<std::string> Get(absl::string_view name) const {
    std::optional<std::string> value = lookup_(name);
    if (value.has_value()) absl::StripAsciiWhitespace(&*value);
    return value.has_value() && !value->empty() ? value : std::nullopt;
  }

  // The variable for traces, else that for all signals; and its name.
  std::optional<std::pair<std::string, std::string>> ForTraces(absl::string_view what) const {
    for (const char* prefix : {"OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"}) {
      const std::string name = absl::StrCat(prefix, what);
      if (std::optional<std::string> value = Get(name)) return std::pair(name, *std::move(value));
    }
    return std::nullopt;
  }

  // In [lowest, highest]; stays as it is if the variable is not set.
  absl::Status Number(absl::string_view name, std::int64_t lowest, std::int64_t highest,
                      std::int64_t* value) const {
    const std::optional<std::string> text = Get(name);
    if (!text.has_value()) return absl::OkStatus();
    if (absl::SimpleAtoi(*text, value) && *value >= lowest && *value <= highest) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(
        absl::StrCat(name, " is no number from ", lowest, " to ", highest));
  }

 private:
  const Lookup& lookup_;
};

std::string PercentDecoded(absl::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int value = 0;
    if (text[i] == '%' && i + 2 < text.size() + 0 &&
        absl::SimpleHexAtoi(text.substr(i + 1, 2), &value)) {
      decoded += static_cast<char>(value);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

// "a=b,c=d", values percent-encoded.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> Pairs(absl::string_view name,
                                                                       absl::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const absl::string_view item : absl::StrSplit(text, ',', absl::SkipWhitespace())) {
    const std::vector<absl::string_view> parts = absl::StrSplit(item, absl::MaxSplits('=', 1));
    const absl::string_view key = absl::StripAsciiWhitespace(parts[0]);
    if (parts.size() != 2 || key.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(name, " has an item that is no KEY=VALUE"));
    }
    pairs.emplace_back(key, PercentDecoded(absl::StripAsciiWhitespace(parts[1])));
  }
  return pairs;
}

absl::Status ReadEndpoint(const std::string& name, absl::string_view text, OtlpOptions* options) {
  options->tls = absl::ConsumePrefix(&text, "https://");
  if (!options->tls && !absl::ConsumePrefix(&text, "http://") && absl::StrContains(text, "://")) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " begins neither with http:// nor https://"));
  }
  const absl::string_view host = text.substr(0, text.find('/'));
  if (host.empty() || absl::StrContains(host, '@')) {
    return absl::InvalidArgumentError(absl::StrCat(name, " names no host"));
  }
  const bool has_port = host.rfind(':') != absl::string_view::npos && host.back() != ']';
  options->target = has_port ? std::string(host) : absl::StrCat(host, ":4317");
  return absl::OkStatus();
}

absl::Status ReadSampler(const Variables& variables, OtlpOptions* options) {
  const std::string sampler =
      variables.Get("OTEL_TRACES_SAMPLER").value_or("parentbased_always_on");
  absl::string_view kind = sampler;
  options->parent_decides = absl::ConsumePrefix(&kind, "parentbased_");
  if (kind == "always_on") return absl::OkStatus();
  if (kind == "always_off") {
    options->ratio = 0;
    return absl::OkStatus();
  }
  if (kind != "traceidratio") {
    return absl::InvalidArgumentError(
        "OTEL_TRACES_SAMPLER is none of always_on, always_off, traceidratio, with or without "
        "parentbased_ before it");
  }
  const std::optional<std::string> ratio = variables.Get("OTEL_TRACES_SAMPLER_ARG");
  if (!ratio.has_value()) return absl::OkStatus();
  if (!absl::SimpleAtod(*ratio, &options->ratio) || !(options->ratio >= 0 && options->ratio <= 1)) {
    return absl::InvalidArgumentError("OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<OtlpOptions>> ReadOtlpOptions(const Variables::Lookup& environment) {
  const Variables variables(environment);
  const auto endpoint = variables.ForTraces("ENDPOINT");
  const bool off =
      absl::EqualsIgnoreCase(variables.Get("OTEL_SDK_DISABLED").value_or(""), "true") ||
      variables.Get("OTEL_TRACES_EXPORTER").value_or("") == "none";
  if (!endpoint.has_value() || off) return std::optional<OtlpOptions>();
  OtlpOptions options;
  if (const auto protocol = variables.ForTraces("PROTOCOL");
      protocol.has_value() && protocol->second != "grpc") {
    return absl::InvalidArgumentError(
        absl::StrCat(protocol->first, " is ", protocol->second, "; only grpc is spoken"));
  }
  RETURN_IF_ERROR(ReadEndpoint(endpoint->first, endpoint->second, &options));
  if (const auto ca = variables.ForTraces("CERTIFICATE")) options.ca_file = ca->second;
  if (const auto headers = variables.ForTraces("HEADERS")) {
    ASSIGN_OR_RETURN(options.headers, Pairs(headers->first, headers->second));
    // gRPC takes no others.
    for (auto& [key, value] : options.headers) absl::AsciiStrToLower(&key);
  }
  if (const auto attributes = variables.Get("OTEL_RESOURCE_ATTRIBUTES")) {
    ASSIGN_OR_RETURN(options.resource, Pairs("OTEL_RESOURCE_ATTRIBUTES", *attributes));
  }
  std::string service = variables.Get("OTEL_SERVICE_NAME").value_or("");
  for (const auto& [key, value] : options.resource) {
    if (key == "service.name" && service.empty()) service = value;
  }
  std::erase_if(options.resource, [](const auto& item) { return item.first == "service.name"; });
  options.resource.emplace_back("service.name", service.empty() ? "logexportd" : service);
  const auto timeout_name = variables.ForTraces("TIMEOUT");
  std::int64_t timeout = 10'000;
  if (timeout_name.has_value()) {
    RETURN_IF_ERROR(variables.Number(timeout_name->first, 1, 600'000, &timeout));
  }
  options.timeout = absl::Milliseconds(timeout);
  std::int64_t queue = 2048, batch = 512, delay = 5000;
  RETURN_IF_ERROR(variables.Number("OTEL_BSP_MAX_QUEUE_SIZE", 1, kMostQueued, &queue));
  RETURN_IF_ERROR(variables.Number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 1, kMostQueued, &batch));
  RETURN_IF_ERROR(variables.Number("OTEL_BSP_SCHEDULE_DELAY", 1, 600'000, &delay));
  options.queue_size = static_cast<std::size_t>(queue);
  options.batch_size = static_cast<std::size_t>(std::min(batch, queue));
  options.delay = absl::Milliseconds(delay);
  RETURN_IF_ERROR(ReadSampler(variables, &options));
  return std::optional<OtlpOptions>(std::move(options));
}

}  // namespace logexport
