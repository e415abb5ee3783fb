#include "engine/rehearse/rolled_back.h"

#include "engine/check.h"
#include "engine/error.h"

namespace drydock::rehearse {
namespace {

void refuse_alone(sql::Access access) {
    if (access != sql::Access::Alone) return;
    throw Error(ErrorCode::Refused, "this cannot be rolled back: it runs outside of a transaction",
                "try it on a copy of the database");
}

}  // namespace

RolledBack::RolledBack(std::unique_ptr<sql::Database> session) : session_(std::move(session)) {
    session_->begin();
}

RolledBack::~RolledBack() { session_->rollback(); }

std::int64_t RolledBack::run(std::string_view statement, const sql::Arguments& arguments,
                             sql::Access access, const sql::RowSink& sink) {
    refuse_alone(access);
    return session_->run(statement, arguments, access, sink);
}

std::int64_t RolledBack::run_written(const sql::WrittenStatement& statement, sql::Access access) {
    refuse_alone(access);
    return session_->run_written(statement, access);
}

void RolledBack::begin() {
    CHECK(!open_);
    session_->begin_savepoint();
    open_ = true;
}

void RolledBack::commit() {
    CHECK(open_);
    session_->release_savepoint();
    open_ = false;
}

void RolledBack::rollback() noexcept {
    if (!open_) return;
    open_ = false;
    try {
        session_->rollback_savepoint();
    } catch (const Error&) {
        // SQLite has ended the whole transaction by itself: nothing of it is there either.
        session_->rollback();
    }
}

}  // namespace drydock::rehearse
