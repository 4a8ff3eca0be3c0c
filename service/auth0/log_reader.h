#ifndef LOGEXPORT_SERVICE_AUTH0_LOG_READER_H_
#define LOGEXPORT_SERVICE_AUTH0_LOG_READER_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/auth0/management_api.h"
#include "service/auth0/page_decoder.h"
#include "service/base/free_list.h"
#include "service/export/log_source.h"

namespace logexport {

// The three ways in which the Management API gives logs (Auth0 docs, "Retrieve Logs Using the
// Management API"). Errors are Failures. Thread-safe.
class LogReader {
 public:
  explicit LogReader(std::shared_ptr<Auth0Client> client);
  ~LogReader();

  // The call that was begun for a walk along the pages, and how well that went so far. Destroying
  // it breaks the call off. One thread at a time.
  class ReadAhead {
   private:
    friend class LogReader;
    // A page may end with another id than it seems to. Where that happens too often, too many calls
    // would be made in vain.
    bool misleading() const;

    std::string target_;  // tells the call from others
    std::unique_ptr<Auth0Client::Begun> begun_;
    int right_ = 0;
    int wrong_ = 0;
  };

  // A page, or that it was too large to be taken.
  struct Reading {
    Page page;
    std::size_t bytes = 0;
    bool too_large = false;
    absl::Duration asked;  // when, by the clock's Monotonic
  };

  // By checkpoint: up to `take` logs after the one with id `from`. With `from`, Auth0 looks at no
  // other parameter and gives logs in the order of their ids, without end.
  //
  // With `ahead`, the logs after these are asked for before these are decoded, given that `goes_on`
  // answers true for the id they seem to end with and the time at which they were asked for. What
  // was read ahead is the answer to the next call with the same `ahead` if that asks for just this,
  // else it is dropped. `ahead` may be null.
  using GoesOn = absl::FunctionRef<bool(absl::string_view last_id, absl::Duration asked)>;
  absl::StatusOr<Reading> After(absl::string_view from, int take, const CallContext& context,
                                ReadAhead* ahead, GoesOn goes_on);

  // The log with this id alone.
  absl::StatusOr<Reading> One(absl::string_view id, const CallContext& context);

  // By search: the up to 100 oldest (or newest) logs by date of those that match `query` (all, when
  // it is empty), cut down to id, date and type. Auth0 finds at most 1,000 logs in this way, and by
  // date only, which is why it serves to find a place to start and nothing else. In ascending order
  // of id; all have one.
  enum class By { kOldest, kNewest };
  absl::StatusOr<Page> Search(absl::string_view query, By by, const CallContext& context);

  // An array of logs that were read before.
  absl::StatusOr<Page> DecodeArray(std::string array);

  // Reads one log, to see whether that is allowed.
  absl::Status Probe(const CallContext& context);

  Auth0Client& client() { return *client_; }

 private:
  static Auth0Client::Call ListCall(absl::string_view from, int take);
  // The answer that was read ahead, if it is one to this call.
  std::optional<absl::StatusOr<Auth0Client::Answer>> TakeAhead(const Auth0Client::Call& call,
                                                               const CallContext& context,
                                                               ReadAhead* ahead,
                                                               absl::Duration* asked);
  void ReadAheadAfter(const Reading& current, absl::string_view body, absl::string_view from,
                      int take, const CallContext& context, ReadAhead* ahead, GoesOn goes_on);
  // Calls `decode` with a decoder that no other thread uses.
  template <typename Decode>
  auto WithDecoder(Decode decode);

  const std::shared_ptr<Auth0Client> client_;
  FreeList<std::unique_ptr<PageDecoder>> decoders_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_LOG_READER_H_
