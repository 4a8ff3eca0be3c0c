#include "service/api/stranger_calls.h"

#include "service/access/caller_address.h"

namespace logexport {
namespace {

constexpr int kMost = 64;
constexpr int kMostFromOneAddress = 16;

}  // namespace

StrangerCalls::Place::Place(StrangerCalls& calls, const grpc::ServerContext& context)
    : calls_(calls), host_(HostOfAddress(context.peer())), taken_(calls.Take(host_)) {}

StrangerCalls::Place::~Place() {
  if (taken_) calls_.Leave(host_);
}

grpc::Status StrangerCalls::Place::status() const {
  if (taken_) return grpc::Status::OK;
  return {grpc::StatusCode::RESOURCE_EXHAUSTED,
          "too many calls of health and reflection are open; try again in a moment"};
}

bool StrangerCalls::Take(const std::string& host) {
  MutexLock lock(&mutex_);
  int& from = from_[host];
  if (open_ >= kMost || from >= kMostFromOneAddress) {
    if (from == 0) from_.erase(host);
    return false;
  }
  ++open_;
  ++from;
  return true;
}

void StrangerCalls::Leave(const std::string& host) {
  MutexLock lock(&mutex_);
  --open_;
  const auto from = from_.find(host);
  if (--from->second == 0) from_.erase(from);
}

}  // namespace logexport
