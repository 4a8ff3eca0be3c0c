#include "service/auth0/oversized_log.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "service/auth0/failures.h"
#include "service/auth0/type_table.h"
#include "service/base/quoted_text.h"
#include "service/base/status_macros.h"

namespace logexport {
namespace {

// A search gives the oldest logs by date, among which the one with the lowest id may be missing;
// each further search looks below the lowest one so far. More than a few mean that something else
// is wrong.
constexpr int kMostSearches = 10;

// What Log promises behind `raw`.
constexpr std::size_t kPadding = 64;

void MakeOversized(Log* log, Page* page) {
  std::string raw = R"({"log_id":)";
  AppendJsonString(log->id, &raw);
  raw += '}';
  raw.reserve(raw.size() + kPadding);
  log->raw = page->strings.emplace_back(std::move(raw));
  log->defect = Log::Defect::kTooLarge;
  page->last_id = std::string(log->id);
}

absl::Status NotFoundYet(absl::string_view from) {
  return Auth0Failure(
      FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse,
      absl::StrCat("The log after ", from,
                   " is too large to be read, and Auth0's search does not tell its id yet."),
      "Wait for Auth0's search to know the log. If it does not in a day, move the checkpoint "
      "behind "
      "the log (logexportctl set-checkpoint --time … --allow-skip).");
}

}  // namespace

Page OversizedLog(absl::string_view id) {
  Page page;
  Log log;
  log.id = page.strings.emplace_back(id);
  log.type = &page.own_types.emplace_back(TypeForUnknownCode("", &page.strings));
  MakeOversized(&log, &page);
  page.logs.push_back(log);
  return page;
}

absl::StatusOr<Page> FindOversizedLog(absl::string_view from, LogReader* reader,
                                      const CallContext& context) {
  Page found;
  std::string query = absl::StrCat("log_id:{", from, " TO *]");
  for (int searches = 0;; ++searches) {
    ASSIGN_OR_RETURN(Page page, reader->Search(query, LogReader::By::kOldest, context));
    if (page.logs.empty() || page.logs.front().id <= from) break;
    if (searches == kMostSearches) return NotFoundYet(from);
    query = absl::StrCat("log_id:{", from, " TO ", page.logs.front().id, "}");
    found = std::move(page);
  }
  if (found.logs.empty()) return NotFoundYet(from);
  // The search may not know the log yet and give the one after it.
  ASSIGN_OR_RETURN(const LogReader::Reading alone, reader->One(found.logs.front().id, context));
  if (!alone.too_large) return NotFoundYet(from);
  found.logs.resize(1);
  MakeOversized(&found.logs.front(), &found);
  return found;
}

}  // namespace logexport
