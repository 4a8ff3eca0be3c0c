#include "tests/export/made_history.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace logexport {
namespace {

template <typename Fault>
std::string Numbers(const std::vector<Fault>& faults) {
  return absl::StrJoin(faults, "", [](std::string* out, Fault fault) {
    absl::StrAppend(out, static_cast<int>(fault));
  });
}

constexpr int kMostLogsARun = 25;

template <typename T>
std::vector<T> UpTo(std::size_t most, rc::Gen<T> gen) {
  return *rc::gen::container<std::vector<T>>(*rc::gen::inRange<std::size_t>(0, most + 1),
                                             std::move(gen));
}

// Shrinks to never.
bool OneIn(int n) { return *rc::gen::inRange(0, n) == n - 1; }

rc::Gen<RunPlan> AnyRun() {
  return rc::gen::exec([] {
    RunPlan run;
    run.new_logs = *rc::gen::inRange(0, kMostLogsARun + 1);
    run.take = *rc::gen::inRange(1, 11);
    run.max_events = *rc::gen::inRange(1, 13);
    run.max_bytes = *rc::gen::inRange(30, 300);
    run.in_flight = *rc::gen::inRange(1, 4);
    run.reads = UpTo(
        4, rc::gen::weightedElement<ReadFault>(
               {{8, ReadFault::kNone}, {3, ReadFault::kTransient}, {1, ReadFault::kForbidden}}));
    run.sends = UpTo(8, rc::gen::weightedElement<SendFault>({{8, SendFault::kNone},
                                                             {3, SendFault::kTransient},
                                                             {3, SendFault::kAnswerLost},
                                                             {1, SendFault::kBadKey}}));
    run.commits = UpTo(5, rc::gen::weightedElement<CommitFault>({{6, CommitFault::kNone},
                                                                 {2, CommitFault::kLocked},
                                                                 {2, CommitFault::kLockedAtTheEnd},
                                                                 {2, CommitFault::kAnswerLost},
                                                                 {1, CommitFault::kCorruptAfter},
                                                                 {1, CommitFault::kCorrupt}}));
    if (OneIn(4)) run.dies_at_commit = *rc::gen::inRange(0, 5);
    run.dies_after_it = *rc::gen::arbitrary<bool>();
    run.dies_at_end = OneIn(6);
    run.segment_goes_down = OneIn(6);
    if (OneIn(4)) {
      run.move = Move{*rc::gen::inRange(0, 6), *rc::gen::inRange(-1, 60)};
    }
    run.stale_runner = OneIn(5);
    return run;
  });
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const RunPlan& run) {
  out << "\n  " << run.new_logs << " logs, take " << run.take << ", " << run.max_events
      << " events or " << run.max_bytes << " B a batch, " << run.in_flight << " in flight, reads "
      << Numbers(run.reads) << " sends " << Numbers(run.sends) << " commits "
      << Numbers(run.commits);
  if (run.dies_at_commit.has_value()) {
    out << ", dies " << (run.dies_after_it ? "after" : "before") << " commit "
        << *run.dies_at_commit;
  }
  if (run.segment_goes_down) out << ", then Segment is down";
  if (run.dies_at_end) out << ", dies at the end";
  if (run.move.has_value()) {
    out << ", checkpoint set to log " << run.move->to << " at send " << run.move->at_send;
  }
  return out << (run.stale_runner ? ", after a stale runner" : "");
}

std::ostream& operator<<(std::ostream& out, const Plan& plan) {
  out << "fates " << Numbers(plan.fates);
  for (const RunPlan& run : plan.runs) out << run;
  return out;
}

rc::Gen<Plan> AnyPlan() {
  return rc::gen::exec([] {
    Plan plan;
    plan.fates = UpTo(5 * kMostLogsARun, rc::gen::weightedElement<Fate>({{20, Fate::kAccepted},
                                                                         {3, Fate::kFiltered},
                                                                         {2, Fate::kUnmappable},
                                                                         {1, Fate::kPoison}}));
    // With more of them Segment would be at fault, not they.
    int poison = 0;
    for (Fate& fate : plan.fates) {
      if (fate == Fate::kPoison && ++poison > 8) fate = Fate::kAccepted;
    }
    plan.runs = UpTo(5, AnyRun());
    return plan;
  });
}

}  // namespace logexport
