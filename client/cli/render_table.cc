#include "client/cli/render_table.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

#include "client/cli/api_conventions.h"
#include "client/cli/render_json.h"
#include "client/cli/render_value.h"
#include "client/cli/schema.h"
#include "client/cli/text_table.h"
#include "logexport/v1/options.pb.h"
#include "service/base/status_macros.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;
using Path = std::vector<const pb::FieldDescriptor*>;

// A message with more fields than this stands inside another one as a line of its columns.
constexpr int kMostNestedFields = 12;

bool IsJsonText(const pb::FieldDescriptor* field) {
  return absl::EndsWith(std::string(field->name()), "_json") &&
         field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING;
}

std::string Label(const pb::FieldDescriptor* field) {
  return absl::StrReplaceAll(std::string(field->name()), {{"_", " "}});
}

struct Column {
  Path path;
  std::string header;
};

int Rank(const pb::FieldDescriptor* field) { return field->options().GetExtension(v1::column); }

std::vector<const pb::FieldDescriptor*> ColumnFields(const pb::Descriptor* type) {
  std::vector<const pb::FieldDescriptor*> fields;
  for (int i = 0; i < type->field_count(); ++i) {
    if (Rank(type->field(i)) > 0) fields.push_back(type->field(i));
  }
  std::stable_sort(fields.begin(), fields.end(),
                   [](const auto* a, const auto* b) { return Rank(a) < Rank(b); });
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

void AddColumns(const pb::Descriptor* type, const Path& before, std::vector<Column>& columns) {
  for (const auto* field : ColumnFields(type)) {
    Path path = before;
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

class Renderer {
 public:
  explicit Renderer(const TableStyle& style) : style_(style) {}

  absl::StatusOr<std::string> RenderAnswer(const pb::Message& answer) {
    const auto* type = answer.GetDescriptor();
    if (const auto* list = ListField(type)) return RenderList(answer, list);
    if (!style_.columns.empty()) {
      return absl::InvalidArgumentError("--columns: the answer is not a list");
    }
    // A wrapper adds nothing to what it wraps.
    if (type->field_count() == 1 && IsNestedMessage(type->field(0))) {
      return Fields(answer.GetReflection()->GetMessage(answer, type->field(0)), 0);
    }
    return Fields(answer, 0);
  }

 private:
  absl::StatusOr<std::string> RenderList(const pb::Message& answer,
                                         const pb::FieldDescriptor* list) {
    std::vector<Column> columns;
    for (const std::string& name : style_.columns) {
      ASSIGN_OR_RETURN(Column column, NamedColumn(list->message_type(), name));
      columns.push_back(std::move(column));
    }
    if (columns.empty()) AddColumns(list->message_type(), {}, columns);
    std::string text;
    if (answer.GetReflection()->FieldSize(answer, list) == 0) {
      text = absl::StrCat("No ", Label(list), ".\n");
    } else if (HasJsonText(answer, list)) {
      text = Blocks(answer, list, columns);
    } else {
      text = Table(answer, list, columns, 0, LongProse::kCut);
    }
    const std::string rest = Fields(answer, 0, list);
    return rest.empty() ? text : absl::StrCat(text, "\n", rest);
  }

  static absl::StatusOr<Column> NamedColumn(const pb::Descriptor* type, const std::string& name) {
    Column column;
    for (const absl::string_view part : absl::StrSplit(name, '.')) {
      const auto* field = type == nullptr ? nullptr : type->FindFieldByName(std::string(part));
      if (field == nullptr || (!column.path.empty() && column.path.back()->is_repeated())) {
        return absl::InvalidArgumentError(
            absl::StrCat("--columns: there is no field '", name, "'"));
      }
      column.path.push_back(field);
      type = IsNestedMessage(field) ? field->message_type() : nullptr;
    }
    column.header = HeaderOf(column.path.back());
    return column;
  }

  static bool HasJsonText(const pb::Message& answer, const pb::FieldDescriptor* list) {
    const auto* type = list->message_type();
    const pb::Message& first = answer.GetReflection()->GetRepeatedMessage(answer, list, 0);
    for (int i = 0; i < type->field_count(); ++i) {
      if (IsJsonText(type->field(i)) && !IsEmpty(first, type->field(i))) return true;
    }
    return false;
  }

  // Items that hold whole documents, one below the other.
  std::string Blocks(const pb::Message& answer, const pb::FieldDescriptor* list,
                     const std::vector<Column>& columns) {
    std::string text;
    for (int row = 0; row < answer.GetReflection()->FieldSize(answer, list); ++row) {
      const pb::Message& item = answer.GetReflection()->GetRepeatedMessage(answer, list, row);
      absl::StrAppend(&text, row == 0 ? "" : "\n", Summary(item, columns), "\n");
      for (int i = 0; i < item.GetDescriptor()->field_count(); ++i) {
        const auto* field = item.GetDescriptor()->field(i);
        if (IsJsonText(field)) text += JsonText(item, field, 2);
      }
    }
    return text;
  }

  std::string JsonText(const pb::Message& message, const pb::FieldDescriptor* field,
                       std::size_t indent) {
    std::string text;
    const int count = field->is_repeated() ? message.GetReflection()->FieldSize(message, field)
                                           : (IsEmpty(message, field) ? 0 : 1);
    for (int i = 0; i < count; ++i) {
      const auto* r = message.GetReflection();
      const std::string json = field->is_repeated() ? r->GetRepeatedString(message, field, i)
                                                    : r->GetString(message, field);
      absl::StrAppend(&text, std::string(indent, ' '), absl::StripSuffix(Label(field), " json"),
                      "\n");
      for (const absl::string_view line : absl::StrSplit(IndentJson(json), '\n')) {
        absl::StrAppend(&text, std::string(indent + 2, ' '), Printable(line), "\n");
      }
    }
    return text;
  }

  std::string Cell(const pb::Message& item, const Path& path, const TableStyle& style,
                   bool relative_times) {
    const pb::Message* message = &item;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      if (!message->GetReflection()->HasField(*message, path[i])) return "";
      message = &message->GetReflection()->GetMessage(*message, path[i]);
    }
    const auto* field = path.back();
    if (IsEmpty(*message, field) && !IsCount(field)) return "";
    if (relative_times && IsTime(field) && !field->is_repeated()) {
      return FormatTimeCell(*message, field, style, false);
    }
    if (IsTime(field) && !field->is_repeated()) return FormatTimeCell(*message, field, style, true);
    return FormatField(*message, field, style);
  }

  std::string Table(const pb::Message& holder, const pb::FieldDescriptor* list,
                    const std::vector<Column>& columns, std::size_t indent, LongProse long_prose) {
    // Times with the clock where there is room, else only how long ago.
    std::string text;
    for (const bool relative_times : {false, true}) {
      std::vector<TextColumn> cells;
      std::size_t total = indent;
      for (const Column& column : columns) {
        TextColumn out{column.header, IsNumber(column.path.back()), {}};
        std::size_t width = DisplayWidth(out.header);
        const int rows = holder.GetReflection()->FieldSize(holder, list);
        for (int row = 0; row < rows; ++row) {
          out.cells.push_back(Cell(holder.GetReflection()->GetRepeatedMessage(holder, list, row),
                                   column.path, style_, relative_times));
          width = std::max(width, DisplayWidth(out.cells.back()));
        }
        const bool blank = std::all_of(out.cells.begin(), out.cells.end(),
                                       [](const std::string& cell) { return cell.empty(); });
        if (blank && style_.columns.empty()) continue;
        total += width + 2;
        cells.push_back(std::move(out));
      }
      text = LayOutTable(std::move(cells), style_.width, indent, long_prose);
      if (style_.width == 0 || total <= style_.width + 2) break;
    }
    return text;
  }

  // The columns of one message on one line: "0192…  succeeded  5m ago  120 fetched".
  std::string Summary(const pb::Message& item, const std::vector<Column>& columns) {
    std::vector<std::string> parts;
    std::size_t used = 0;
    for (const Column& column : columns) {
      std::string part = Cell(item, column.path, style_, true);
      if (part.empty()) continue;
      if (IsCount(column.path.back())) {
        absl::StrAppend(&part, " ", absl::AsciiStrToLower(column.header));
      }
      used += DisplayWidth(part) + 2;
      if (!parts.empty() && style_.width > 0 && used > style_.width - 20) break;
      parts.push_back(std::move(part));
    }
    return absl::StrJoin(parts, "  ");
  }

  std::string Fields(const pb::Message& message, std::size_t indent,
                     const pb::FieldDescriptor* except = nullptr) {
    const auto* type = message.GetDescriptor();
    std::vector<const pb::FieldDescriptor*> fields;
    std::size_t label_width = 0;
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* field = type->field(i);
      if (field == except || IsPageToken(field) || IsBlank(message, field)) continue;
      // What the length of a list says is said below the list.
      if (except != nullptr && absl::StartsWith(std::string(field->name()), "total_size")) continue;
      fields.push_back(field);
      if (OnOneLine(field)) label_width = std::max(label_width, Label(field).size());
    }
    std::string text;
    for (const auto* field : fields) {
      const std::string label = absl::StrCat(std::string(indent, ' '), Label(field));
      if (OnOneLine(field)) {
        const std::size_t column = indent + label_width + 2;
        const std::string value = Value(message, field, column);
        absl::StrAppend(&text, label, std::string(column - label.size(), ' '), value, "\n",
                        ErrorOf(message, field, indent + 2));
      } else if (IsJsonText(field)) {
        text += JsonText(message, field, indent);
      } else {
        absl::StrAppend(&text, label, "\n", Nested(message, field, indent + 2));
      }
    }
    return text;
  }

  static bool IsPageToken(const pb::FieldDescriptor* field) {
    return field->name() == "next_page_token";
  }

  // Nothing that a reader would miss.
  static bool IsBlank(const pb::Message& message, const pb::FieldDescriptor* field) {
    return IsEmpty(message, field) && !IsCount(field);
  }

  static bool IsLarge(const pb::Descriptor* type) {
    return type->field_count() > kMostNestedFields;
  }

  static bool OnOneLine(const pb::FieldDescriptor* field) {
    if (IsJsonText(field)) return false;
    if (!IsNestedMessage(field)) return true;
    if (field->is_repeated()) return false;
    return IsLarge(field->message_type()) || HasOneColumn(field->message_type()) ||
           field->message_type()->field_count() == 0;
  }

  static bool HasOneColumn(const pb::Descriptor* type) {
    int columns = 0;
    for (int i = 0; i < type->field_count(); ++i) columns += Rank(type->field(i)) > 0 ? 1 : 0;
    return columns == 1;
  }

  std::string Value(const pb::Message& message, const pb::FieldDescriptor* field,
                    std::size_t column) {
    if (IsNestedMessage(field)) {
      const pb::Message& nested = message.GetReflection()->GetMessage(message, field);
      if (nested.GetDescriptor()->field_count() == 0) return "yes";
      std::vector<Column> columns;
      AddColumns(nested.GetDescriptor(), {}, columns);
      return Summary(nested, columns);
    }
    std::string value = FormatField(message, field, style_);
    if (style_.width > column + 20) value = WrapText(value, style_.width - column, column);
    return value;
  }

  // A line of columns has no room for what went wrong and what to do: that is below it.
  std::string ErrorOf(const pb::Message& message, const pb::FieldDescriptor* field,
                      std::size_t indent) {
    if (!IsNestedMessage(field)) return "";
    const pb::Message& nested = message.GetReflection()->GetMessage(message, field);
    const auto* error = nested.GetDescriptor()->FindFieldByName("error");
    if (error == nullptr || !IsNestedMessage(error) || IsEmpty(nested, error)) return "";
    return absl::StrCat(std::string(indent, ' '), Label(error), "\n",
                        Nested(nested, error, indent + 2));
  }

  std::string Nested(const pb::Message& message, const pb::FieldDescriptor* field,
                     std::size_t indent) {
    const auto* r = message.GetReflection();
    if (!field->is_repeated()) {
      const std::string fields = Fields(r->GetMessage(message, field), indent);
      return fields.empty() ? absl::StrCat(std::string(indent, ' '), "(nothing set)\n") : fields;
    }
    std::vector<Column> columns;
    AddColumns(field->message_type(), {}, columns);
    return Table(message, field, columns, indent, LongProse::kWrap);
  }

  const TableStyle& style_;
};

}  // namespace

absl::StatusOr<std::string> RenderTable(const pb::Message& answer, const TableStyle& style) {
  return Renderer(style).RenderAnswer(answer);
}

}  // namespace logexport::cli
