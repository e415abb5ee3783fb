#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "engine/cancel.h"
#include "engine/sql/step_session.h"

namespace drydock::rehearse {

// A session for work that belongs to no run, because nothing of it stays: on a database that is
// made for it, or in a transaction that is rolled back. One thread; `cancel` stops it from another
// one, and what runs then throws Error{Interrupted}.
class Trial final {
  public:
    // `told` gets what is told of the work while it goes on; may be empty. `id` stands for the run
    // in the records. All outlive it.
    using Told = std::function<void(std::string_view text)>;
    Trial(sql::Database& database, Clock& clock, CancelToken& cancel, const std::string& id,
          const Told& told);

    [[nodiscard]] sql::StepSession& session() { return session_; }

  private:
    sql::StepSession session_;
};

}  // namespace drydock::rehearse
