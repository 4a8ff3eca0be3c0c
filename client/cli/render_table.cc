#include "client/cli/render_table.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

#include "client/cli/api_conventions.h"
#include "client/cli/api_schema.h"
#include "client/cli/render_json.h"
#include "client/cli/render_value.h"
#include "client/cli/series_lines.h"
#include "client/cli/table_columns.h"
#include "client/cli/text_table.h"
#include "client/cli/verdict_line.h"
#include "logexport/v1/options.pb.h"
#include "logexport/v1/requester.pb.h"
#include "service/base/status_macros.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;

// A message with more fields than this stands inside another one as a line of its columns.
constexpr int kMostNestedFields = 12;

// What may stand on the screen before an answer, such as the progress of the run that it tells of.
// Details do not push that out.
constexpr std::size_t kRowsBefore = 4;

class Renderer {
 public:
  explicit Renderer(const TableStyle& style) : style_(style) {}

  absl::StatusOr<std::string> RenderAnswer(const pb::Message& answer) {
    const auto* type = answer.GetDescriptor();
    if (const auto* list = ListField(type)) return RenderList(answer, list);
    if (!style_.columns.empty()) {
      return absl::InvalidArgumentError("--columns: the answer is not a list");
    }
    std::string text = RenderOne(answer);
    if (FitsScreen(text)) return text;
    // Too tall for the screen: without details, then with fewer and fewer rows of its tables.
    compact_ = true;
    for (const int rows : {10, 6, 4, 3, 2, 1}) {
      most_rows_ = rows;
      text = RenderShortened(answer);
      if (FitsScreen(text)) break;
    }
    // Where there is room for some rows of tables that are details, such as the types of a run's
    // logs, they come back.
    detail_tables_ = true;
    for (const int rows : {10, 6, 4, 3}) {
      most_rows_ = rows;
      std::string more = RenderShortened(answer);
      if (FitsScreen(more, kRowsBefore)) return more;
    }
    return text;
  }

 private:
  bool FitsScreen(const std::string& text, std::size_t rows_before = 0) const {
    const auto rows = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    return style_.height == 0 || rows + rows_before <= style_.height;
  }

  bool IsLeftOut(const pb::FieldDescriptor* field) const {
    const bool table = field->is_repeated() && IsNestedMessage(field);
    return compact_ && field->options().GetExtension(v1::detail) && !(table && detail_tables_);
  }

  std::string RenderShortened(const pb::Message& answer) {
    return absl::StrCat(RenderOne(answer), "(-o yaml shows everything)\n");
  }

  // A wrapper adds nothing to what it wraps.
  static const pb::Message& Unwrapped(const pb::Message& answer) {
    const auto* type = answer.GetDescriptor();
    if (type->field_count() != 1 || !IsNestedMessage(type->field(0))) return answer;
    return answer.GetReflection()->GetMessage(answer, type->field(0));
  }

  std::string RenderOne(const pb::Message& answer) {
    const pb::Message& shown = Unwrapped(answer);
    return absl::StrCat(&shown == &answer ? Headline(answer) : "", Fields(shown, 0));
  }

  // The verdict stands before everything else; of a series its shape.
  std::string Headline(const pb::Message& answer) {
    const std::optional<v1::Verdict> verdict = VerdictOf(answer);
    if (!verdict.has_value()) {
      const std::string lines = SeriesLines(answer, style_.width);
      return lines.empty() ? "" : absl::StrCat(lines, "\n");
    }
    std::string line = VerdictLine(*verdict);
    if (style_.width > 0) line = WrapText(line, style_.width, 2);
    return absl::StrCat(style_.colours ? Coloured(line, verdict->health()) : line, "\n");
  }

  absl::StatusOr<std::string> RenderList(const pb::Message& answer,
                                         const pb::FieldDescriptor* list) {
    std::vector<Column> columns;
    for (const std::string& name : style_.columns) {
      ASSIGN_OR_RETURN(Column column, NamedColumn(list->message_type(), name));
      columns.push_back(std::move(column));
    }
    if (columns.empty()) columns = ColumnsOf(list->message_type());
    std::string text;
    if (answer.GetReflection()->FieldSize(answer, list) == 0) {
      text = absl::StrCat("No ", Label(list), ".\n");
    } else if (HasJsonText(answer, list)) {
      text = Blocks(answer, list, columns);
    } else {
      text = Table(answer, list, columns, 0, LongProse::kCut);
      if (style_.height > 0) {
        // On a screen with room for it, nothing is cut.
        const std::string whole = Table(answer, list, columns, 0, LongProse::kWrap);
        if (FitsScreen(whole)) text = whole;
      }
    }
    const std::string rest = Fields(answer, 0, list);
    return rest.empty() ? text : absl::StrCat(text, "\n", rest);
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

  std::string Cell(const pb::Message& item, const FieldPath& path, const TableStyle& style,
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
    // Times with the clock and whole ids where there is room; else what says the same in fewer
    // columns, so that no column has to go. Ids are for copying: they are shortened last.
    std::string text;
    for (const Brevity brevity :
         {Brevity::kNone, Brevity::kTimes, Brevity::kRunIds, Brevity::kAllIds}) {
      if (brevity > Brevity::kTimes && !style_.columns.empty()) break;
      std::vector<TextColumn> cells;
      std::size_t total = indent;
      for (const Column& column : columns) {
        TextColumn out{column.header, IsNumber(column.path.back()), {}};
        const int rows = RowsOf(holder, list);
        for (int row = 0; row < rows; ++row) {
          out.cells.push_back(Cell(holder.GetReflection()->GetRepeatedMessage(holder, list, row),
                                   column.path, style_, brevity != Brevity::kNone));
        }
        ShortenIds(brevity, out.cells);
        std::size_t width = DisplayWidth(out.header);
        for (const std::string& cell : out.cells) width = std::max(width, DisplayWidth(cell));
        const bool blank = std::all_of(out.cells.begin(), out.cells.end(),
                                       [](const std::string& cell) { return cell.empty(); });
        if (blank && style_.columns.empty()) continue;
        total += width + 2;
        cells.push_back(std::move(out));
      }
      text = LayOutTable(std::move(cells), style_.width, indent, long_prose);
      if (style_.width == 0 || total <= style_.width + 2) break;
    }
    const int left_out = holder.GetReflection()->FieldSize(holder, list) - RowsOf(holder, list);
    if (left_out > 0) {
      absl::StrAppend(&text, std::string(indent, ' '), "… and ", left_out, " more\n");
    }
    return text;
  }

  int RowsOf(const pb::Message& holder, const pb::FieldDescriptor* list) const {
    const int all = holder.GetReflection()->FieldSize(holder, list);
    // One row more takes no more lines than saying that it is left out.
    return compact_ && all > most_rows_ + 1 ? most_rows_ : all;
  }

  // The columns of one message on one line: "0192…  succeeded  5m ago  120 fetched".
  std::string Summary(const pb::Message& item, const std::vector<Column>& columns) {
    std::vector<std::string> parts;
    std::size_t used = 0;
    // A window is nothing but times; beside other things a time is there to tell how old they are.
    const bool only_times = std::all_of(columns.begin(), columns.end(), [](const Column& column) {
      return IsTime(column.path.back());
    });
    for (const Column& column : columns) {
      std::vector<std::string> cell = {Cell(item, column.path, style_, !only_times)};
      if (compact_) ShortenIds(Brevity::kAllIds, cell);
      std::string part = std::move(cell.front());
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
      if (field == except || field == VerdictField(type) || IsPageToken(field) ||
          IsBlank(message, field)) {
        continue;
      }
      if (IsLeftOut(field)) continue;
      // What the length of a list says is said below the list.
      if (except != nullptr && absl::StartsWith(std::string(field->name()), "total_size")) continue;
      fields.push_back(field);
      if (OnOneLine(field)) label_width = std::max(label_width, Label(field).size());
    }
    std::string text;
    for (const auto* field : fields) {
      const std::string label = absl::StrCat(std::string(indent, ' '), Label(field));
      const std::size_t column = indent + label_width + 2;
      const std::string value = OnOneLine(field) ? Value(message, field, column) : "";
      // A message whose columns say nothing, such as a checkpoint that is still to be found.
      const bool says_nothing = compact_ && IsNestedMessage(field) && value.empty();
      if (OnOneLine(field) && !says_nothing) {
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

  bool OnOneLine(const pb::FieldDescriptor* field) const {
    if (IsJsonText(field)) return false;
    if (!IsNestedMessage(field)) return true;
    if (field->is_repeated()) return false;
    if (compact_ && HasColumns(field->message_type())) return true;
    return IsLarge(field->message_type()) || HasOneColumn(field->message_type()) ||
           field->message_type()->field_count() == 0;
  }

  static bool HasColumns(const pb::Descriptor* type) {
    for (int i = 0; i < type->field_count(); ++i) {
      if (ColumnRank(type->field(i)) > 0) return true;
    }
    return false;
  }

  static bool HasOneColumn(const pb::Descriptor* type) {
    int columns = 0;
    for (int i = 0; i < type->field_count(); ++i) columns += ColumnRank(type->field(i)) > 0 ? 1 : 0;
    return columns == 1;
  }

  std::string Value(const pb::Message& message, const pb::FieldDescriptor* field,
                    std::size_t column) {
    if (IsNestedMessage(field)) {
      const pb::Message& nested = message.GetReflection()->GetMessage(message, field);
      if (nested.GetDescriptor()->field_count() == 0) return "yes";
      return absl::StrCat(Summary(nested, ColumnsOf(nested.GetDescriptor())),
                          IsClaim(nested) ? " (claimed)" : "");
    }
    if (HoldsSentences(message, field)) {
      const int count = message.GetReflection()->FieldSize(message, field);
      std::vector<std::string> lines;
      lines.reserve(static_cast<std::size_t>(count));
      for (int i = 0; i < count; ++i) {
        lines.push_back(Wrapped(FormatValue(message, field, i, style_), column));
      }
      return absl::StrJoin(lines, absl::StrCat("\n", std::string(column, ' ')));
    }
    return Wrapped(compact_ && field->is_repeated() ? FirstOf(message, field)
                                                    : FormatField(message, field, style_),
                   column);
  }

  std::string Wrapped(std::string value, std::size_t column) const {
    return style_.width > column + 20 ? WrapText(value, style_.width - column, column)
                                      : std::move(value);
  }

  // Of several sentences, such as warnings, none is left out and each has a line of its own.
  static bool HoldsSentences(const pb::Message& message, const pb::FieldDescriptor* field) {
    if (!field->is_repeated() || field->cpp_type() != pb::FieldDescriptor::CPPTYPE_STRING) {
      return false;
    }
    for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
      if (absl::StrContains(message.GetReflection()->GetRepeatedString(message, field, i), ' ')) {
        return true;
      }
    }
    return false;
  }

  // A requester who is only what he says he is.
  static bool IsClaim(const pb::Message& message) {
    if (message.GetDescriptor()->full_name() != v1::Requester::descriptor()->full_name()) {
      return false;
    }
    v1::Requester requester;
    return requester.ParseFromString(message.SerializeAsString()) && !requester.verified() &&
           absl::StrContains(requester.name(), '@');
  }

  // The first of several values, and how many there are besides.
  std::string FirstOf(const pb::Message& message, const pb::FieldDescriptor* field) const {
    const int count = message.GetReflection()->FieldSize(message, field);
    if (field->is_map() || count <= 1) return FormatField(message, field, style_);
    return absl::StrCat(FormatValue(message, field, 0, style_), ", and ", count - 1, " more");
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
    return Table(message, field, ColumnsOf(field->message_type()), indent, LongProse::kWrap);
  }

  const TableStyle& style_;
  bool compact_ = false;
  int most_rows_ = 0;  // of a table within an answer, if compact
  bool detail_tables_ = false;
};

}  // namespace

absl::StatusOr<std::string> RenderTable(const pb::Message& answer, const TableStyle& style) {
  return Renderer(style).RenderAnswer(answer);
}

}  // namespace logexport::cli
