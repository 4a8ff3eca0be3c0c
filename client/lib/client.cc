#include "logexport/client.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <thread>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include <google/protobuf/descriptor.h>

namespace logexport::client {
namespace {

// How long a watch goes on trying when the service cannot be reached.
constexpr absl::Duration kReconnectFor = absl::Seconds(30);
constexpr absl::Duration kReconnectPause = absl::Milliseconds(500);

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Client::Connect(const ConnectionOptions& options,
                                                        const RetryPolicy& retry) {
  auto connection = Connection::Open(options);
  if (!connection.ok()) return connection.status();
  return std::make_unique<Client>(*std::move(connection), retry);
}

Client::Client(std::unique_ptr<Connection> connection, const RetryPolicy& retry)
    : connection_(std::move(connection)),
      stub_(v1::LogExportService::NewStub(connection_->channel())),
      retry_(retry) {}

absl::StatusOr<v1::Report> Client::Watch(
    const v1::WatchRunRequest& request,
    absl::FunctionRef<bool(const v1::WatchRunResponse&)> on_update, absl::Duration timeout) {
  const absl::Time end = absl::Now() + timeout;
  connection_->ConnectFirst(timeout);
  v1::WatchRunRequest next = request;
  v1::Report last;
  absl::Time last_heard = absl::Now();
  for (;;) {
    grpc::ClientContext context;
    if (absl::Status status = connection_->Prepare(context, end - absl::Now()); !status.ok()) {
      return status;
    }
    const auto reader = stub_->WatchRun(&context, next);
    bool wanted = true;
    v1::WatchRunResponse update;
    while (wanted && reader->Read(&update)) {
      last_heard = absl::Now();
      if (update.has_report()) last = update.report();
      next.set_run_id(last.run_id());
      next.set_after_sequence(update.sequence());
      wanted = on_update(update);
    }
    if (!wanted) context.TryCancel();
    const grpc::Status status = reader->Finish();
    if (!wanted || status.ok()) return last;
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE ||
        absl::Now() - last_heard > kReconnectFor || absl::Now() + kReconnectPause > end) {
      return ToAbslStatus(status);
    }
    std::this_thread::sleep_for(absl::ToChronoMilliseconds(kReconnectPause));
  }
}

absl::StatusOr<v1::Report> Client::WaitForRun(const std::string& exporter,
                                              const std::string& run_id, absl::Duration timeout) {
  v1::WatchRunRequest request;
  request.set_exporter(exporter);
  request.set_run_id(run_id);
  return Watch(
      request, [](const v1::WatchRunResponse&) { return true; }, timeout);
}

void Client::SetRequestId(google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr || field->is_repeated() ||
      field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
    return;
  }
  const auto* reflection = request.GetReflection();
  if (reflection->GetString(request, field).empty()) {
    reflection->SetString(&request, field, NewRequestId());
  }
}

std::string NewRequestId() {
  std::random_device random;
  const auto word = [&random] {
    return (static_cast<std::uint64_t>(random()) << 32) | static_cast<std::uint64_t>(random());
  };
  const std::uint64_t high = (word() & 0xffffffffffff0fffULL) | 0x4000ULL;  // version 4
  const std::uint64_t low = (word() & 0x3fffffffffffffffULL) | 0x8000000000000000ULL;
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", high >> 32, (high >> 16) & 0xffff,
                         high & 0xffff, low >> 48, low & 0xffffffffffffULL);
}

}  // namespace logexport::client
