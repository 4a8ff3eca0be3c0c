#include "tests/sandbox/segment/segment_simulator.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include <zlib.h>

#include "service/base/utf8.h"

namespace logexport::sandbox {
namespace {

constexpr std::size_t kMaxInflated = 64 * 1024 * 1024;
constexpr std::size_t kRudderStackMaxBody = 4'000 * 1024;
constexpr std::size_t kShortestWriteKey = 8;
constexpr std::size_t kSamples = 5;
constexpr std::size_t kSampleBytes = 400;

bool Inflate(absl::string_view compressed, std::string* out) {
  z_stream stream = {};
  constexpr int kGzip = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kGzip) != Z_OK) {
    return false;
  }
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  out->clear();
  // Appended piece by piece: g++ 12 sees array bounds in std::string::resize that are not there.
  std::vector<char> piece(std::max<std::size_t>(64 * 1024, compressed.size() * 4));
  int result = Z_OK;
  while (result == Z_OK && out->size() < kMaxInflated) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&stream, Z_NO_FLUSH);
    out->append(piece.data(), piece.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return result == Z_STREAM_END;
}

// The user of Basic authentication: Segment's write key goes there, with an empty password.
std::optional<std::string> BasicUser(const HttpRequest& request) {
  absl::string_view header = request.Header("Authorization");
  std::string decoded;
  if (!absl::ConsumePrefix(&header, "Basic ") || !absl::Base64Unescape(header, &decoded)) {
    return std::nullopt;
  }
  const std::size_t colon = decoded.find(':');
  if (colon == std::string::npos) {
    return std::nullopt;
  }
  decoded.resize(colon);
  return decoded;
}

bool DeclaresJson(const HttpRequest& request) {
  return absl::StartsWithIgnoreCase(request.Header("Content-Type"), "application/json");
}

}  // namespace

std::uint64_t SegmentCounters::AllViolations() const {
  return std::accumulate(violations.begin(), violations.end(), std::uint64_t{0});
}

SegmentSimulator::SegmentSimulator(SegmentOptions options)
    : options_(std::move(options)),
      reader_(options_.max_event_bytes, options_.rudderstack),
      ledger_(options_.store_events) {}

void SegmentSimulator::Reset() {
  ledger_.Clear();
  counters_ = {};
}

void SegmentSimulator::Record(Violation violation, absl::string_view sample) {
  const auto kind = static_cast<std::size_t>(violation);
  ++counters_.violations[kind];
  if (counters_.samples[kind].size() < kSamples) {
    counters_.samples[kind].emplace_back(ReplaceInvalidUtf8(sample.substr(0, kSampleBytes)));
  }
}

HttpResponse SegmentSimulator::Refuse(int status, absl::string_view text) {
  ++counters_.refused_batches;
  return TextResponse(status, text);
}

HttpResponse SegmentSimulator::Batch(const HttpRequest& request) {
  absl::string_view body = request.body;
  if (absl::EqualsIgnoreCase(request.Header("Content-Encoding"), "gzip")) {
    ++counters_.gzip_batches;
    if (!Inflate(request.body, &inflated_)) {
      Record(Violation::kMalformedBatch, "the body is not gzip");
      return Refuse(400, "Bad Request");
    }
    const std::size_t size = inflated_.size();
    inflated_.append(kBodyPadding, '\0');
    body = absl::string_view(inflated_).substr(0, size);
  }
  return options_.rudderstack ? RudderStackBatch(request, body) : SegmentBatch(request, body);
}

HttpResponse SegmentSimulator::SegmentBatch(const HttpRequest& request, absl::string_view body) {
  if (body.size() > options_.max_batch_bytes) {
    Record(Violation::kBatchTooLarge, absl::StrCat(body.size(), " bytes"));
    return Refuse(400, "Bad Request");
  }
  if (!DeclaresJson(request)) {
    Record(Violation::kMalformedBatch,
           absl::StrCat("Content-Type: ", request.Header("Content-Type")));
    return Refuse(400, "Bad Request");
  }
  const BatchFacts& batch = reader_.Read(body);
  if (!batch.valid_json) {
    Record(Violation::kMalformedBatch, body);
    return Refuse(400, R"({"success":false,"message":"malformed JSON"})");
  }
  const std::string key = BasicUser(request).value_or(std::string(batch.write_key));
  if (key.size() < kShortestWriteKey) {
    Record(Violation::kMissingWriteKey, key);
    return Refuse(400, "Bad Request");
  }
  bool right = true;
  bool whole_batch_lost = false;
  const auto lose_batch = [&](Violation violation, absl::string_view sample) {
    Record(violation, sample);
    right = false;
    whole_batch_lost = true;
  };
  if (key != options_.write_key) {
    lose_batch(Violation::kWrongWriteKey, absl::StrCat(key.size(), " characters"));
  }
  if (batch.events.empty()) {
    lose_batch(Violation::kEmptyBatch, body);
  }
  if (batch.events.size() > options_.max_batch_events) {
    lose_batch(Violation::kTooManyEvents, absl::StrCat(batch.events.size(), " events"));
  }
  right = CheckEvents(batch) && right;
  const bool too_large = std::any_of(
      batch.events.begin(), batch.events.end(),
      [](const EventFacts& event) { return event.violations.Contains(Violation::kEventTooLarge); });
  if (too_large) {
    return Refuse(400, "Bad Request");
  }
  if (options_.strict && !right) {
    return Refuse(400, R"({"success":false,"message":"the sandbox is strict"})");
  }
  if (whole_batch_lost) {
    ++counters_.batches;
    counters_.dropped_events += batch.events.size();
  } else {
    Accept(batch, body);
  }
  return JsonResponse(200, R"({"success":true})");
}

HttpResponse SegmentSimulator::RudderStackBatch(const HttpRequest& request,
                                                absl::string_view body) {
  const std::optional<std::string> key = BasicUser(request);
  if (!key.has_value() || key->empty()) {
    Record(Violation::kMissingWriteKey, "");
    return Refuse(401, "failed to read writekey from header");
  }
  if (*key != options_.write_key) {
    Record(Violation::kWrongWriteKey, absl::StrCat(key->size(), " characters"));
    return Refuse(401, "invalid write key");
  }
  if (options_.source_disabled) {
    return Refuse(404, "source is disabled");
  }
  if (body.size() > kRudderStackMaxBody) {
    Record(Violation::kBatchTooLarge, absl::StrCat(body.size(), " bytes"));
    return Refuse(413, "request size exceeds max limit");
  }
  const BatchFacts& batch = reader_.Read(body);
  if (!batch.valid_json) {
    Record(Violation::kMalformedBatch, body);
    return Refuse(400, "invalid json");
  }
  if (batch.events.empty()) {
    Record(Violation::kEmptyBatch, body);
    return Refuse(400, "empty batch payload");
  }
  const bool right = CheckEvents(batch);
  for (const EventFacts& event : batch.events) {
    if (event.violations.Contains(Violation::kNoIdentity)) {
      return Refuse(400, "request neither has anonymousId nor userId");
    }
    if (event.violations.Contains(Violation::kEventNotAnObject) ||
        event.violations.Contains(Violation::kUnknownType)) {
      return Refuse(400, "event is not a valid rudder event");
    }
  }
  if (options_.strict && !right) {
    return Refuse(400, "the sandbox is strict");
  }
  Accept(batch, body);
  return TextResponse(200, "OK");
}

bool SegmentSimulator::CheckEvents(const BatchFacts& batch) {
  bool right = true;
  for (const EventFacts& event : batch.events) {
    if (event.violations.empty()) {
      continue;
    }
    right = false;
    for (std::size_t i = 0; i < kViolations; ++i) {
      if (event.violations.Contains(static_cast<Violation>(i))) {
        Record(static_cast<Violation>(i), event.raw);
      }
    }
  }
  return right;
}

void SegmentSimulator::Accept(const BatchFacts& batch, absl::string_view body) {
  ++counters_.batches;
  counters_.bytes += body.size();
  counters_.batches_without_sent_at += batch.has_sent_at && batch.sent_at_valid ? 0 : 1;
  counters_.largest_batch_bytes =
      std::max<std::uint64_t>(counters_.largest_batch_bytes, body.size());
  counters_.largest_batch_events =
      std::max<std::uint64_t>(counters_.largest_batch_events, batch.events.size());
  for (const EventFacts& event : batch.events) {
    counters_.largest_event_bytes =
        std::max<std::uint64_t>(counters_.largest_event_bytes, event.raw.size());
    if (event.violations.LosesTheEvent()) {
      ++counters_.dropped_events;
    } else {
      ledger_.Add(event);
    }
  }
}

}  // namespace logexport::sandbox
