#ifndef LOGEXPORT_SERVICE_STATE_RUN_COLUMNS_H_
#define LOGEXPORT_SERVICE_STATE_RUN_COLUMNS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "service/state/records.h"
#include "service/state/sql_session.h"

namespace logexport {

// How a RunRecord lies in the table of runs. The columns form three groups: what identifies the run
// and never changes, its terms (what was asked, its state, how it ended), and its progress, the
// only group that a commit writes.

// "SELECT … FROM runs", for ReadRun to read the rows of; to be continued with WHERE.
const std::string& SelectRuns();
RunRecord ReadRun(SqlRow& row);

// "INSERT INTO runs (…) VALUES (…) RETURNING sequence"; takes exporter, run_id, created and
// created_order, then the terms and the progress.
const std::string& InsertRun();

// "UPDATE runs SET …", all but what identifies it, or only the progress; to be continued with
// WHERE.
const std::string& UpdateRunTermsAndProgress();
const std::string& UpdateRunProgress();

// The values of a record's columns. Holds views of the record, which must outlive it.
class RunValues {
 public:
  explicit RunValues(const RunRecord& run);
  RunValues(const RunValues&) = delete;
  RunValues& operator=(const RunValues&) = delete;

  void AppendTerms(std::vector<SqlValue>* values) const;
  void AppendProgress(std::vector<SqlValue>* values) const;

 private:
  const RunRecord& run_;
  const std::string dead_letter_ids_;
  const std::string dead_letter_reasons_;
  const std::string dead_letter_types_;
  const std::string by_type_;
  const std::string filtered_by_reason_;
  const std::string warnings_;
};

// A number of logs on a scale of few steps that never goes down: exact below 16, then eight steps
// to each doubling. Runs with at least n logs are those of a higher magnitude than n's, and of its
// own magnitude all (if n is the least of it) or some.
int LogsMagnitude(std::int64_t logs);

// Lists of strings as JSON text. Ill-formed UTF-8 is replaced, so that what is written can be read.
std::string StringsToJson(const std::vector<std::string>& strings);
std::vector<std::string> ReadStrings(SqlRow& row);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_RUN_COLUMNS_H_
