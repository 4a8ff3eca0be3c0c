#ifndef LOGEXPORT_TESTS_SANDBOX_SEGMENT_SEGMENT_SIMULATOR_H_
#define LOGEXPORT_TESTS_SANDBOX_SEGMENT_SEGMENT_SIMULATOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "tests/sandbox/http/http_message.h"
#include "tests/sandbox/segment/event_ledger.h"
#include "tests/sandbox/segment/segment_rules.h"

namespace logexport::sandbox {

struct SegmentOptions {
  // The gateway of RudderStack in Segment's place: key in the Authorization header only and
  // checked, one bad event refuses its batch, 413 for size, the body OK.
  bool rudderstack = false;
  bool source_disabled = false;  // RudderStack: 404
  std::string write_key = "sandboxWriteKey0123456789abcdefg";
  // Refuse with 400 whatever Segment would take and drop or spoil in silence.
  bool strict = false;
  // Segment says 500 KB and 32 KB without defining KB: the smaller meaning.
  std::size_t max_batch_bytes = 500'000;
  std::size_t max_event_bytes = 32'000;
  std::size_t max_batch_events = 2'500;
  bool store_events = true;
};

struct SegmentCounters {
  std::uint64_t batches = 0;          // answered 200
  std::uint64_t refused_batches = 0;  // answered 4xx
  std::uint64_t dropped_events = 0;   // answered 200, not taken
  std::uint64_t bytes = 0;            // of taken batches, uncompressed
  std::uint64_t gzip_batches = 0;
  std::uint64_t batches_without_sent_at = 0;
  std::uint64_t largest_batch_bytes = 0;
  std::uint64_t largest_batch_events = 0;
  std::uint64_t largest_event_bytes = 0;
  std::array<std::uint64_t, kViolations> violations = {};
  std::array<std::vector<std::string>, kViolations> samples;  // the first few of each

  std::uint64_t AllViolations() const;
};

// Segment's HTTP Tracking API, `POST /v1/batch`: its limits, its answers, its repeats dropped by
// messageId (for ever, not just for a day) and its silent drops, which are counted and shown. Not
// thread-safe.
class SegmentSimulator {
 public:
  explicit SegmentSimulator(SegmentOptions options);

  HttpResponse Batch(const HttpRequest& request);

  EventLedger& ledger() { return ledger_; }
  const EventLedger& ledger() const { return ledger_; }
  const SegmentCounters& counters() const { return counters_; }
  const SegmentOptions& options() const { return options_; }
  void Reset();

 private:
  HttpResponse SegmentBatch(const HttpRequest& request, absl::string_view body);
  HttpResponse RudderStackBatch(const HttpRequest& request, absl::string_view body);
  // Counts what is wrong with the batch's events; true if nothing is.
  bool CheckEvents(const BatchFacts& batch);
  void Accept(const BatchFacts& batch, absl::string_view body);
  void Record(Violation violation, absl::string_view sample);
  HttpResponse Refuse(int status, absl::string_view text);

  const SegmentOptions options_;
  BatchReader reader_;
  EventLedger ledger_;
  SegmentCounters counters_;
  std::string inflated_;
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_SEGMENT_SEGMENT_SIMULATOR_H_
