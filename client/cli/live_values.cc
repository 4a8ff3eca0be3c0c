#include "client/cli/live_values.h"

#include <memory>

#include "absl/strings/str_replace.h"
#include <google/protobuf/message.h>

#include "client/cli/api_conventions.h"
#include "client/cli/render_value.h"
#include "client/cli/rpc_call.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;

constexpr absl::Duration kListDeadline = absl::Milliseconds(700);
constexpr int kMostCandidates = 30;

// The rest of the first columns, to tell one id from another: "succeeded, 5m ago".
std::string Describe(const pb::Message& item, const pb::FieldDescriptor* id,
                     const TableStyle& style) {
  std::string about;
  for (int i = 0; i < item.GetDescriptor()->field_count() && about.size() < 40; ++i) {
    const auto* field = item.GetDescriptor()->field(i);
    const bool short_value =
        IsTime(field) || field->cpp_type() == pb::FieldDescriptor::CPPTYPE_ENUM;
    if (field == id || !short_value || field->is_repeated() || IsEmpty(item, field)) continue;
    if (!about.empty()) about += ", ";
    about += IsTime(field) ? FormatTimeCell(item, field, style, /*with_clock=*/false)
                           : FormatField(item, field, style);
  }
  return about;
}

}  // namespace

std::vector<Candidate> FetchLiveValues(const CliContext& context, const Schema& schema,
                                       const Command& list, const pb::FieldDescriptor* field,
                                       const Options& options, const std::string& exporter) {
  const auto connection = context.connect(options.connection);
  if (!connection.ok()) return {};
  const Paging paging = PagingOf(list.method);
  const auto* items = ListField(list.method->output_type());
  if (items == nullptr) return {};
  const std::unique_ptr<pb::Message> request = schema.New(list.method->input_type());
  const std::unique_ptr<pb::Message> response = schema.New(list.method->output_type());
  if (paging) {
    request->GetReflection()->SetInt32(request.get(), paging.page_size, kMostCandidates);
  }
  const auto* exporter_field = list.method->input_type()->FindFieldByName("exporter");
  if (exporter_field != nullptr && !exporter.empty()) {
    request->GetReflection()->SetString(request.get(), exporter_field, exporter);
  }
  if (!Caller(**connection).Unary(list.path, *request, kListDeadline, *response).ok()) return {};

  TableStyle style;
  style.now = context.now();
  style.zone = context.zone;
  std::vector<Candidate> candidates;
  const int count = response->GetReflection()->FieldSize(*response, items);
  for (int i = 0; i < count; ++i) {
    const pb::Message& item = response->GetReflection()->GetRepeatedMessage(*response, items, i);
    const std::string value = FormatField(item, field, style);
    // Thousands are for reading, not for typing.
    candidates.push_back({IsNumber(field) ? absl::StrReplaceAll(value, {{",", ""}}) : value,
                          Describe(item, field, style)});
  }
  return candidates;
}

}  // namespace logexport::cli
