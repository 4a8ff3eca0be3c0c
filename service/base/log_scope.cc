#include "service/base/log_scope.h"

#include <utility>

namespace logexport {
namespace {

LogTrace& Current() {
  thread_local LogTrace current;
  return current;
}

}  // namespace

LogScope::LogScope(LogTrace trace) : outer_(std::exchange(Current(), std::move(trace))) {}

LogScope::~LogScope() { Current() = std::move(outer_); }

const LogTrace& CurrentLogTrace() { return Current(); }

}  // namespace logexport
