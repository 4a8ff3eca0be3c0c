#include "service/telemetry/otlp/otlp_exporter.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <fstream>
#include <iterator>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/grpcpp.h>

#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"
#include "service/base/logging.h"
#include "service/base/mutex.h"
#include "service/base/version.h"

namespace logexport {
namespace {

namespace otlp = ::opentelemetry::proto;
using Service = otlp::collector::trace::v1::TraceService;

constexpr absl::Duration kLastSend = absl::Seconds(2);
constexpr absl::Duration kFirstPause = absl::Seconds(1);
constexpr absl::Duration kLongestPause = absl::Seconds(5);
constexpr std::size_t kLongestText = 1000;

void Append(std::uint64_t word, std::string* bytes) {
  for (int shift = 56; shift >= 0; shift -= 8) *bytes += static_cast<char>(word >> shift & 0xff);
}

std::string NewTraceId(Random& random) {
  std::string id;
  Append(random.Next64() | 1u, &id);  // never all zero
  Append(random.Next64(), &id);
  return id;
}

// Ids of spans, from one random number on: another one from the system for each span costs as much
// as all else that a run does for it.
class SpanIds {
 public:
  explicit SpanIds(Random& random) : state_(random.Next64()) {}

  // SplitMix64: none comes twice within 2^64 calls.
  std::string Next() {
    std::uint64_t word = 0;
    while (word == 0) {
      word = state_.fetch_add(0x9e3779b97f4a7c15, std::memory_order_relaxed);
      word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
      word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
      word ^= word >> 31;
    }
    std::string id;
    Append(word, &id);
    return id;
  }

 private:
  std::atomic<std::uint64_t> state_;
};

// The last 8 bytes of the trace id decide, so that all services that sample by them agree.
bool InRatio(const std::string& trace_id, double ratio) {
  if (ratio >= 1) return true;
  std::uint64_t value = 0;
  for (std::size_t i = 8; i < 16; ++i) value = value << 8 | static_cast<unsigned char>(trace_id[i]);
  return static_cast<double>(value >> 11) * 0x1.0p-53 < ratio;
}

void Fill(const SpanRecord& from, otlp::trace::v1::Span* to) {
  to->set_trace_id(from.context.trace_id);
  to->set_span_id(from.context.span_id);
  to->set_parent_span_id(from.parent_span_id);
  to->set_name(from.name);
  to->set_kind(from.kind == SpanKind::kServer   ? otlp::trace::v1::Span::SPAN_KIND_SERVER
               : from.kind == SpanKind::kClient ? otlp::trace::v1::Span::SPAN_KIND_CLIENT
                                                : otlp::trace::v1::Span::SPAN_KIND_INTERNAL);
  to->set_start_time_unix_nano(static_cast<std::uint64_t>(absl::ToUnixNanos(from.start)));
  to->set_end_time_unix_nano(static_cast<std::uint64_t>(absl::ToUnixNanos(from.end)));
  for (const auto& [key, value] : from.attributes) {
    otlp::common::v1::KeyValue* attribute = to->add_attributes();
    attribute->set_key(key);
    otlp::common::v1::AnyValue* any = attribute->mutable_value();
    if (const auto* text = std::get_if<std::string>(&value)) any->set_string_value(*text);
    if (const auto* number = std::get_if<std::int64_t>(&value)) any->set_int_value(*number);
    if (const auto* yes = std::get_if<bool>(&value)) any->set_bool_value(*yes);
  }
  if (from.error.has_value()) {
    to->mutable_status()->set_code(otlp::trace::v1::Status::STATUS_CODE_ERROR);
    to->mutable_status()->set_message(from.error->substr(0, kLongestText));
  }
}

// Which answers may be followed by another attempt, and after how long; as the specification says.
std::optional<absl::Duration> RetryAfter(const grpc::Status& status) {
  std::optional<absl::Duration> asked;
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const google::protobuf::Any& detail : details.details()) {
      google::rpc::RetryInfo info;
      if (detail.UnpackTo(&info)) {
        asked = absl::Seconds(info.retry_delay().seconds()) +
                absl::Nanoseconds(info.retry_delay().nanos());
      }
    }
  }
  switch (status.error_code()) {
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return asked;
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DATA_LOSS:
      return asked.value_or(absl::ZeroDuration());
    default:
      return std::nullopt;
  }
}

}  // namespace

struct OtlpExporter::State {
  State(OtlpOptions made, Random& source, SpanCounters& count)
      : options(std::move(made)), random(source), span_ids(source), counters(count) {}

  void Loop();
  void Send(const std::vector<SpanRecord>& batch);

  const OtlpOptions options;
  Random& random;
  SpanIds span_ids;
  SpanCounters& counters;
  std::unique_ptr<Service::Stub> stub;
  Mutex mutex;
  CondVar changed;
  std::deque<SpanRecord> queue ABSL_GUARDED_BY(mutex);
  bool flush ABSL_GUARDED_BY(mutex) = false;
  bool stop ABSL_GUARDED_BY(mutex) = false;
  bool sending ABSL_GUARDED_BY(mutex) = false;
  // The time to send what is left is over.
  bool give_up ABSL_GUARDED_BY(mutex) = false;
  bool done ABSL_GUARDED_BY(mutex) = false;
  grpc::ClientContext* calling ABSL_GUARDED_BY(mutex) = nullptr;
  bool failing = false;  // of the thread
  std::thread thread;
};

absl::StatusOr<std::unique_ptr<OtlpExporter>> OtlpExporter::Create(OtlpOptions options,
                                                                   Random& random,
                                                                   SpanCounters& counters) {
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  if (options.tls) {
    grpc::SslCredentialsOptions ssl;
    if (!options.ca_file.empty()) {
      std::ifstream file(options.ca_file, std::ios::binary);
      ssl.pem_root_certs.assign(std::istreambuf_iterator<char>(file), {});
      if (!file || ssl.pem_root_certs.empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat("OTEL_EXPORTER_OTLP_CERTIFICATE: cannot read ", options.ca_file));
      }
    }
    credentials = grpc::SslCredentials(ssl);
  }
  auto state = std::make_unique<State>(std::move(options), random, counters);
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix(absl::StrCat("logexportd/", kServiceVersion));
  // Nobody waits for it, so it may take its time to find the collector again.
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 30'000);
  state->stub =
      Service::NewStub(grpc::CreateCustomChannel(state->options.target, credentials, arguments));
  State* const running = state.get();
  state->thread = std::thread([running] { running->Loop(); });
  return std::unique_ptr<OtlpExporter>(new OtlpExporter(std::move(state)));
}

OtlpExporter::OtlpExporter(std::unique_ptr<State> state) : state_(std::move(state)) {}

OtlpExporter::~OtlpExporter() {
  {
    MutexLock lock(&state_->mutex);
    state_->stop = true;
    state_->changed.NotifyAll();
    const absl::Time end = absl::Now() + kLastSend;
    while (!state_->done && absl::Now() < end) {
      state_->changed.WaitFor(&state_->mutex, end - absl::Now());
    }
    state_->give_up = true;
    if (state_->calling != nullptr) state_->calling->TryCancel();
  }
  state_->thread.join();
}

TraceContext OtlpExporter::NewContext(const std::optional<TraceContext>& parent) {
  TraceContext context;
  const bool follows = parent.has_value() && parent->valid();
  context.trace_id = follows ? parent->trace_id : NewTraceId(state_->random);
  context.span_id = state_->span_ids.Next();
  context.sampled = follows && state_->options.parent_decides
                        ? parent->sampled
                        : InRatio(context.trace_id, state_->options.ratio);
  return context;
}

void OtlpExporter::Take(SpanRecord span) {
  if (!span.context.sampled) return;
  MutexLock lock(&state_->mutex);
  if (state_->queue.size() >= state_->options.queue_size) {
    state_->counters.dropped.Add();
    return;
  }
  state_->queue.push_back(std::move(span));
  if (state_->queue.size() == state_->options.batch_size) state_->changed.NotifyAll();
}

void OtlpExporter::Flush() {
  MutexLock lock(&state_->mutex);
  state_->flush = true;
  state_->changed.NotifyAll();
  while (!state_->queue.empty() || state_->sending) state_->changed.Wait(&state_->mutex);
  state_->flush = false;
}

void OtlpExporter::State::Loop() {
  for (;;) {
    std::vector<SpanRecord> batch;
    {
      MutexLock lock(&mutex);
      sending = false;
      changed.NotifyAll();
      if (!stop && !flush && queue.size() < options.batch_size) {
        changed.WaitFor(&mutex, options.delay);
      }
      if (give_up) {
        counters.dropped.Add(static_cast<std::int64_t>(queue.size()));
        queue.clear();
      }
      if (queue.empty()) {
        done = stop;
        changed.NotifyAll();
        if (stop) return;
        continue;
      }
      const std::size_t count = std::min(queue.size(), options.batch_size);
      batch.assign(std::make_move_iterator(queue.begin()),
                   std::make_move_iterator(queue.begin() + static_cast<std::ptrdiff_t>(count)));
      queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
      sending = true;
    }
    Send(batch);
  }
}

void OtlpExporter::State::Send(const std::vector<SpanRecord>& batch) {
  otlp::collector::trace::v1::ExportTraceServiceRequest request;
  otlp::trace::v1::ResourceSpans* spans = request.add_resource_spans();
  for (const auto& [key, value] : options.resource) {
    otlp::common::v1::KeyValue* attribute = spans->mutable_resource()->add_attributes();
    attribute->set_key(key);
    attribute->mutable_value()->set_string_value(value);
  }
  otlp::trace::v1::ScopeSpans* scope = spans->add_scope_spans();
  scope->mutable_scope()->set_name("logexport");
  scope->mutable_scope()->set_version(kServiceVersion);
  for (const SpanRecord& span : batch) Fill(span, scope->add_spans());

  const absl::Time end = absl::Now() + options.timeout;
  const auto count = static_cast<std::int64_t>(batch.size());
  absl::Duration pause = kFirstPause;
  for (;;) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(end));
    for (const auto& [key, value] : options.headers) context.AddMetadata(key, value);
    otlp::collector::trace::v1::ExportTraceServiceResponse response;
    {
      MutexLock lock(&mutex);
      if (give_up) {
        counters.dropped.Add(count);
        return;
      }
      calling = &context;
    }
    const grpc::Status status = stub->Export(&context, request, &response);
    {
      MutexLock lock(&mutex);
      calling = nullptr;
    }
    if (status.ok()) {
      const std::int64_t rejected =
          std::clamp<std::int64_t>(response.partial_success().rejected_spans(), 0, count);
      counters.rejected.Add(rejected);
      counters.sent.Add(count - rejected);
      if (std::exchange(failing, false)) LogInfo("the trace collector takes spans again");
      return;
    }
    const std::optional<absl::Duration> after = RetryAfter(status);
    if (!std::exchange(failing, true)) {
      LogWarning("the trace collector takes no spans",
                 {{"collector", options.target}, {"error", status.error_message()}});
    }
    if (!after.has_value()) {
      counters.rejected.Add(count);
      return;
    }
    const absl::Duration wait = std::max(pause, std::min(*after, options.timeout));
    pause = std::min(2 * pause, kLongestPause);
    const absl::Time again = absl::Now() + wait;
    bool in_time = again < end;
    {
      MutexLock lock(&mutex);
      while (in_time && !stop && absl::Now() < again) {
        changed.WaitFor(&mutex, again - absl::Now());
      }
      in_time = in_time && !stop;
    }
    if (!in_time) {
      counters.dropped.Add(count);
      return;
    }
  }
}

}  // namespace logexport
