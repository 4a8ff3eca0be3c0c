#include "client/cli/table_columns.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "client/cli/render_value.h"
#include "logexport/v1/options.pb.h"
#include "service/base/spelling.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;

// The first characters of a run id are its time, to the millisecond: enough to tell runs apart, and
// every command accepts them.
constexpr std::size_t kShortRunId = 13;
// The beginning of a log id is its time; the end tells it from its neighbours.
constexpr std::size_t kLogIdHead = 17;
constexpr std::size_t kLogIdTail = 4;
constexpr std::size_t kLongLogId = 30;

bool IsRunId(absl::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) {
      return false;
    }
  }
  return true;
}

bool IsLogId(absl::string_view text) {
  return text.size() >= kLongLogId && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c));
         });
}

// How many characters it takes to tell the run ids among the cells apart.
std::size_t DistinctLength(const std::vector<std::string>& cells) {
  std::set<std::string> ids;
  for (const std::string& cell : cells) {
    if (IsRunId(cell)) ids.insert(cell);
  }
  std::size_t length = kShortRunId;
  for (auto id = ids.begin(); id != ids.end() && std::next(id) != ids.end(); ++id) {
    while (id->compare(0, length, *std::next(id), 0, length) == 0) ++length;
  }
  return length;
}

std::vector<const pb::FieldDescriptor*> ColumnFields(const pb::Descriptor* type) {
  std::vector<const pb::FieldDescriptor*> fields;
  for (int i = 0; i < type->field_count(); ++i) {
    if (ColumnRank(type->field(i)) > 0) fields.push_back(type->field(i));
  }
  std::stable_sort(fields.begin(), fields.end(),
                   [](const auto* a, const auto* b) { return ColumnRank(a) < ColumnRank(b); });
  if (!fields.empty()) return fields;
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (!IsNestedMessage(field) && !IsJsonText(field)) fields.push_back(field);
  }
  return fields;
}

std::string HeaderOf(const pb::FieldDescriptor* field) {
  std::string header = Label(field);
  if (IsTime(field)) header = std::string(absl::StripSuffix(header, " time"));
  return absl::AsciiStrToUpper(header);
}

void AddColumns(const pb::Descriptor* type, const FieldPath& before, std::vector<Column>& columns) {
  for (const auto* field : ColumnFields(type)) {
    FieldPath path = before;
    path.push_back(field);
    if (!IsNestedMessage(field) || field->is_repeated()) {
      columns.push_back({path, HeaderOf(field)});
      continue;
    }
    if (std::count(before.begin(), before.end(), field) > 0) continue;
    const std::size_t first = columns.size();
    AddColumns(field->message_type(), path, columns);
    // The only field of a nested message is called like the message: UPDATED BY, not NAME.
    if (columns.size() == first + 1) columns.back().header = HeaderOf(field);
  }
}

// run_id, run-id, runId as JSON has it, and RUN ID as it stands above the column.
const pb::FieldDescriptor* FindByAnySpelling(const pb::Descriptor* type, absl::string_view name) {
  const auto plain = [](absl::string_view spelling) {
    return absl::AsciiStrToLower(absl::StrReplaceAll(spelling, {{"-", ""}, {"_", ""}, {" ", ""}}));
  };
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (plain(field->name()) == plain(name)) return field;
  }
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (plain(HeaderOf(field)) == plain(name)) return field;
  }
  return nullptr;
}

// "; did you mean state?", or nothing.
std::string NearestField(const pb::Descriptor* type, absl::string_view name) {
  std::vector<std::string> names;
  for (int i = 0; type != nullptr && i < type->field_count(); ++i) {
    names.emplace_back(type->field(i)->name());
  }
  const std::string nearest = NearestWord(name, names);
  return nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?");
}

}  // namespace

int ColumnRank(const pb::FieldDescriptor* field) {
  return field->options().GetExtension(v1::column);
}

std::string Label(const pb::FieldDescriptor* field) {
  return absl::StrReplaceAll(std::string(field->name()), {{"_", " "}});
}

bool IsJsonText(const pb::FieldDescriptor* field) {
  return absl::EndsWith(std::string(field->name()), "_json") &&
         field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING;
}

std::vector<Column> ColumnsOf(const pb::Descriptor* type) {
  std::vector<Column> columns;
  AddColumns(type, {}, columns);
  return columns;
}

absl::StatusOr<Column> NamedColumn(const pb::Descriptor* type, const std::string& name) {
  Column column;
  for (const absl::string_view part : absl::StrSplit(name, '.')) {
    const auto* field = type == nullptr ? nullptr : FindByAnySpelling(type, part);
    if (field == nullptr || (!column.path.empty() && column.path.back()->is_repeated())) {
      return absl::InvalidArgumentError(
          absl::StrCat("--columns: there is no field '", name, "'", NearestField(type, part)));
    }
    column.path.push_back(field);
    type = IsNestedMessage(field) ? field->message_type() : nullptr;
  }
  column.header = HeaderOf(column.path.back());
  return column;
}

void ShortenIds(Brevity brevity, std::vector<std::string>& cells) {
  if (brevity < Brevity::kRunIds) return;
  const std::size_t run_id_length = DistinctLength(cells);
  for (std::string& cell : cells) {
    if (IsRunId(cell)) {
      cell.resize(run_id_length);
    } else if (brevity >= Brevity::kAllIds && IsLogId(cell)) {
      cell = absl::StrCat(cell.substr(0, kLogIdHead), "…", cell.substr(cell.size() - kLogIdTail));
    }
  }
}

}  // namespace logexport::cli
