#ifndef LOGEXPORT_CLIENT_CLI_TABLE_COLUMNS_H_
#define LOGEXPORT_CLIENT_CLI_TABLE_COLUMNS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include <google/protobuf/descriptor.h>

namespace logexport::cli {

// The columns of a table whose rows are messages, and how their cells are shortened.

using FieldPath = std::vector<const google::protobuf::FieldDescriptor*>;

struct Column {
  FieldPath path;  // from the row's message to the field
  std::string header;
};

// The usual columns of a message: its ranked fields and those of ranked messages in it, else all
// fields that are one value.
std::vector<Column> ColumnsOf(const google::protobuf::Descriptor* type);

// The column of a path like `ledger.accepted`, in any spelling: run_id, run-id, runId.
// INVALID_ARGUMENT if there is no such field.
absl::StatusOr<Column> NamedColumn(const google::protobuf::Descriptor* type,
                                   const std::string& name);

// 0: no column.
int ColumnRank(const google::protobuf::FieldDescriptor* field);

// "first log time" of first_log_time.
std::string Label(const google::protobuf::FieldDescriptor* field);

// A text that holds a JSON document.
bool IsJsonText(const google::protobuf::FieldDescriptor* field);

// How much a table is shortened to fit the screen. Each includes the ones before it.
enum class Brevity { kNone, kTimes, kRunIds, kAllIds };

// Shortens the ids in the cells of a column. Run ids keep as much as tells them apart, which every
// command accepts as a run id; log ids keep their time and their last characters.
void ShortenIds(Brevity brevity, std::vector<std::string>& cells);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_TABLE_COLUMNS_H_
