#ifndef LOGEXPORT_CLIENT_CLI_RENDER_VALUE_H_
#define LOGEXPORT_CLIENT_CLI_RENDER_VALUE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include <google/protobuf/message.h>

namespace logexport::cli {

struct TableStyle {
  std::size_t width = 80;  // of the screen; 0: lines may be as long as they need
  std::size_t height = 0;  // an answer that is taller leaves details out; 0: no limit
  bool colours = false;
  absl::Time now;  // for "5m ago"
  absl::TimeZone zone;
  std::vector<std::string> columns;  // field paths, "ledger.accepted"; empty: the usual ones
};

// Single values as people read them.

bool IsTime(const google::protobuf::FieldDescriptor* field);      // google.protobuf.Timestamp
bool IsDuration(const google::protobuf::FieldDescriptor* field);  // google.protobuf.Duration
// A message with fields of its own, in contrast to those that are one value.
bool IsNestedMessage(const google::protobuf::FieldDescriptor* field);
bool IsNumber(const google::protobuf::FieldDescriptor* field);
// A number for which 0 is worth saying: one that is always there, like a count in a ledger.
bool IsCount(const google::protobuf::FieldDescriptor* field);

// Whether the field says nothing: unset, or of its zero value where it has no presence.
bool IsEmpty(const google::protobuf::Message& message,
             const google::protobuf::FieldDescriptor* field);

// A time in a table: "11-23 01:02 (5m ago)" or, short, "5m ago".
std::string FormatTimeCell(const google::protobuf::Message& message,
                           const google::protobuf::FieldDescriptor* field, const TableStyle& style,
                           bool with_clock);

// One value as people read it: enum names short, times and durations spelled out.
std::string FormatValue(const google::protobuf::Message& message,
                        const google::protobuf::FieldDescriptor* field, int index,
                        const TableStyle& style);

// All values of a field that is not a nested message, joined by commas.
std::string FormatField(const google::protobuf::Message& message,
                        const google::protobuf::FieldDescriptor* field, const TableStyle& style);

absl::Time TimeOf(const google::protobuf::Message& timestamp);
absl::Duration DurationOf(const google::protobuf::Message& duration);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_RENDER_VALUE_H_
