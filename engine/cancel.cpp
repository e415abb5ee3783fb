#include "engine/cancel.h"

#include <utility>

namespace drydock {

void CancelToken::request(StopReason reason) {
    const std::lock_guard lock(mutex_);
    const StopReason before = reason_.load(std::memory_order_relaxed);
    if (reason != StopReason::Deadline && reason > of_the_run_) of_the_run_ = reason;
    if (reason <= before) return;
    reason_.store(reason, std::memory_order_release);
    changed_.notify_all();
    if (before >= StopReason::Interrupt || reason < StopReason::Interrupt) return;
    // Called under the lock, so that a Waker's destructor waits until its function has returned.
    for (const auto& wake : wakers_) wake();
}

void CancelToken::begin_attempt() {
    const std::lock_guard lock(mutex_);
    reason_.store(of_the_run_, std::memory_order_release);
}

void CancelToken::cancel_obeyed() {
    const std::lock_guard lock(mutex_);
    if (of_the_run_ == StopReason::Cancel) of_the_run_ = StopReason::None;
    reason_.store(of_the_run_, std::memory_order_release);
}

bool CancelToken::wait_for(Microseconds limit) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [this] {
        return reason_.load(std::memory_order_relaxed) != StopReason::None;
    });
}

CancelToken::Waker::Waker(CancelToken& token, std::function<void()> wake) : token_(token) {
    const std::lock_guard lock(token_.mutex_);
    token_.wakers_.push_front(std::move(wake));
    place_ = token_.wakers_.begin();
    if (token_.stop_now()) (*place_)();
}

CancelToken::Waker::~Waker() {
    const std::lock_guard lock(token_.mutex_);
    token_.wakers_.erase(place_);
}

}  // namespace drydock
