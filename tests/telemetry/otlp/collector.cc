#include "tests/telemetry/otlp/collector.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace logexport {
namespace {

// One field of a message: its number, and its value as number or bytes.
struct WireField {
  std::uint64_t number = 0;
  std::uint64_t value = 0;
  absl::string_view bytes;
};

std::uint64_t TakeVarint(absl::string_view* in) {
  std::uint64_t value = 0;
  for (int shift = 0; !in->empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in->front());
    in->remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) break;
  }
  return value;
}

std::vector<WireField> FieldsOf(absl::string_view in) {
  std::vector<WireField> fields;
  while (!in.empty()) {
    const std::uint64_t tag = TakeVarint(&in);
    WireField field;
    field.number = tag >> 3;
    switch (tag & 7) {
      case 0:
        field.value = TakeVarint(&in);
        break;
      case 1:
        for (int i = 7; i >= 0; --i) {
          field.value =
              field.value << 8 | static_cast<unsigned char>(in[static_cast<std::size_t>(i)]);
        }
        in.remove_prefix(8);
        break;
      case 2: {
        const std::uint64_t size = TakeVarint(&in);
        field.bytes = in.substr(0, size);
        in.remove_prefix(size);
        break;
      }
      default:
        return fields;
    }
    fields.push_back(field);
  }
  return fields;
}

// KeyValue: key 1, value 2 (AnyValue: string 1, bool 2, int 3).
std::pair<std::string, std::string> AttributeOf(absl::string_view in) {
  std::pair<std::string, std::string> attribute;
  for (const WireField& field : FieldsOf(in)) {
    if (field.number == 1) attribute.first = std::string(field.bytes);
    if (field.number != 2) continue;
    for (const WireField& value : FieldsOf(field.bytes)) {
      if (value.number == 1) attribute.second = std::string(value.bytes);
      if (value.number == 2) attribute.second = value.value != 0 ? "true" : "false";
      if (value.number == 3) attribute.second = absl::StrCat(value.value);
    }
  }
  return attribute;
}

CollectedSpan SpanOf(absl::string_view in) {
  CollectedSpan span;
  for (const WireField& field : FieldsOf(in)) {
    switch (field.number) {
      case 1:
        span.trace_id = absl::BytesToHexString(field.bytes);
        break;
      case 2:
        span.span_id = absl::BytesToHexString(field.bytes);
        break;
      case 4:
        span.parent_span_id = absl::BytesToHexString(field.bytes);
        break;
      case 5:
        span.name = std::string(field.bytes);
        break;
      case 6:
        span.kind = field.value;
        break;
      case 7:
        span.start_nanos = field.value;
        break;
      case 8:
        span.end_nanos = field.value;
        break;
      case 9:
        span.attributes.insert(AttributeOf(field.bytes));
        break;
      case 15:
        for (const WireField& status : FieldsOf(field.bytes)) {
          if (status.number == 2) span.status_message = std::string(status.bytes);
          if (status.number == 3) span.status_code = status.value;
        }
        break;
      default:
        break;
    }
  }
  return span;
}

}  // namespace

CollectedRequest ReadExportRequest(const std::string& bytes) {
  CollectedRequest request;
  for (const WireField& resource_spans : FieldsOf(bytes)) {
    if (resource_spans.number != 1) continue;
    for (const WireField& part : FieldsOf(resource_spans.bytes)) {
      for (const WireField& inner : FieldsOf(part.bytes)) {
        // Resource 1 (attributes 1), ScopeSpans 2 (spans 2).
        if (part.number == 1 && inner.number == 1)
          request.resource.insert(AttributeOf(inner.bytes));
        if (part.number == 2 && inner.number == 2) request.spans.push_back(SpanOf(inner.bytes));
      }
    }
  }
  return request;
}

Collector::Collector() {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterAsyncGenericService(&service_);
  queue_ = builder.AddCompletionQueue();
  server_ = builder.BuildAndStart();
  address_ = absl::StrCat("127.0.0.1:", port);
  thread_ = std::thread([this] { Serve(); });
}

// A queue that is shut down takes nothing more, so that it goes only after the thread that uses it.
Collector::~Collector() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  server_->Shutdown(std::chrono::system_clock::now());
  thread_.join();
  queue_->Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
  }
}

void Collector::AnswerWith(grpc::StatusCode code, std::string answer) {
  MutexLock lock(&mutex_);
  code_ = code;
  answer_ = std::move(answer);
}

std::vector<CollectedRequest> Collector::requests() const {
  MutexLock lock(&mutex_);
  return requests_;
}

std::vector<CollectedSpan> Collector::spans() const {
  std::vector<CollectedSpan> all;
  for (const CollectedRequest& request : requests()) {
    all.insert(all.end(), request.spans.begin(), request.spans.end());
  }
  return all;
}

// One call at a time, each step waited for: a test has one client.
void Collector::Serve() {
  const auto next = [this] {
    void* tag = nullptr;
    bool ok = false;
    return queue_->Next(&tag, &ok) && ok;
  };
  for (;;) {
    grpc::GenericServerContext context;
    grpc::GenericServerAsyncReaderWriter stream(&context);
    {
      MutexLock lock(&mutex_);
      if (stopping_) return;
      service_.RequestCall(&context, &stream, queue_.get(), queue_.get(), this);
    }
    if (!next()) return;
    grpc::ByteBuffer buffer;
    stream.Read(&buffer, this);
    if (!next()) continue;
    std::vector<grpc::Slice> slices;
    std::string bytes;
    if (buffer.Dump(&slices).ok()) {
      for (const grpc::Slice& slice : slices) {
        bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
      }
    }
    CollectedRequest request = ReadExportRequest(bytes);
    request.method = context.method();
    for (const auto& [key, value] : context.client_metadata()) {
      request.metadata[std::string(key.data(), key.size())] =
          std::string(value.data(), value.size());
    }
    grpc::StatusCode code = grpc::StatusCode::OK;
    std::string answer;
    {
      MutexLock lock(&mutex_);
      requests_.push_back(std::move(request));
      code = code_;
      answer = answer_;
    }
    if (code == grpc::StatusCode::OK) {
      const grpc::Slice slice(answer);
      stream.WriteAndFinish(grpc::ByteBuffer(&slice, 1), grpc::WriteOptions(), grpc::Status::OK,
                            this);
    } else {
      stream.Finish(grpc::Status(code, "as the test wants it"), this);
    }
    next();
  }
}

}  // namespace logexport
