#ifndef LOGEXPORT_TESTS_TELEMETRY_OTLP_COLLECTOR_H_
#define LOGEXPORT_TESTS_TELEMETRY_OTLP_COLLECTOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include "service/base/mutex.h"

namespace logexport {

// A span as a collector reads it. Ids are hex.
struct CollectedSpan {
  std::string trace_id;
  std::string span_id;
  std::string parent_span_id;
  std::string name;
  std::uint64_t kind = 0;
  std::uint64_t start_nanos = 0;
  std::uint64_t end_nanos = 0;
  std::map<std::string, std::string> attributes;
  std::uint64_t status_code = 0;
  std::string status_message;
};

struct CollectedRequest {
  std::string method;
  std::map<std::string, std::string> metadata;
  std::map<std::string, std::string> resource;
  std::vector<CollectedSpan> spans;
};

// Reads the bytes of an ExportTraceServiceRequest by the numbers that opentelemetry-proto
// documents, with a reader of its own: a mistake in the service's copy of the protos would not be
// in it, too.
CollectedRequest ReadExportRequest(const std::string& bytes);

// Stands in for an OpenTelemetry collector: takes any method, and remembers what came.
class Collector {
 public:
  Collector();
  ~Collector();

  // host:port.
  const std::string& address() const { return address_; }
  // Answers so from now on. With kOk `answer` are the bytes of the response.
  void AnswerWith(grpc::StatusCode code, std::string answer = "");
  std::vector<CollectedRequest> requests() const;
  std::vector<CollectedSpan> spans() const;

 private:
  void Serve();

  std::string address_;
  grpc::AsyncGenericService service_;
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::thread thread_;
  mutable Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::StatusCode code_ ABSL_GUARDED_BY(mutex_) = grpc::StatusCode::OK;
  std::string answer_ ABSL_GUARDED_BY(mutex_);
  std::vector<CollectedRequest> requests_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_TELEMETRY_OTLP_COLLECTOR_H_
