"""All pages of the desk and their addresses."""

from flask import Blueprint

from gateway.desk import (
    arrivals,
    books,
    callers,
    entrance,
    fines,
    groups,
    guard,
    imports,
    kept,
    lent,
    meetings,
    messages,
    motions,
    officials,
    payouts,
    people,
    phones,
    reconciliation,
    rules,
    status,
    taken_back,
    troubles,
    unmatched,
)

bp = Blueprint("desk", __name__, url_prefix="/desk")

bp.before_request(guard.let_in)
bp.after_request(guard.keep_private)
bp.context_processor(guard.for_every_page)

bp.add_url_rule("/sign-in", "sign_in_form", entrance.sign_in_form, methods=["GET"])
bp.add_url_rule("/sign-in", "sign_in_tried", entrance.sign_in_tried, methods=["POST"])
bp.add_url_rule("/officials", "official_form", officials.form, methods=["GET"])
bp.add_url_rule("/officials", "official_code_sent", officials.send, methods=["POST"])
bp.add_url_rule("/officials/code", "official_entered", officials.enter, methods=["POST"])
bp.add_url_rule("/sign-out", "sign_out", entrance.sign_out, methods=["POST"])
bp.add_url_rule("/", "home", status.home)
bp.add_url_rule("/status", "status", status.status)
bp.add_url_rule("/status/feed", "status_feed", status.status_feed)
bp.add_url_rule("/days", "days", reconciliation.all_days)
bp.add_url_rule("/days/<number>/<day>", "day", reconciliation.one_day)
bp.add_url_rule("/statements", "statement", reconciliation.hand_over, methods=["POST"])
bp.add_url_rule("/unmatched", "unmatched", unmatched.everything)
bp.add_url_rule("/unmatched/<receipt>/credit", "credit", unmatched.credit, methods=["POST"])
bp.add_url_rule("/unmatched/<receipt>/return", "send_back", unmatched.send_back, methods=["POST"])
bp.add_url_rule("/settlements/<int:settlement_id>", "settle", unmatched.decide, methods=["POST"])
bp.add_url_rule("/taken-back", "taken_back", taken_back.everything)
bp.add_url_rule("/taken-back", "ask_take_back", taken_back.ask, methods=["POST"])
bp.add_url_rule("/taken-back/<int:take_back_id>", "decide_take_back", taken_back.decide, methods=["POST"])
bp.add_url_rule("/callers", "callers", callers.everybody)
bp.add_url_rule("/payouts", "payouts", payouts.everything)
bp.add_url_rule("/payouts/<int:payout_id>", "payout", payouts.one)
bp.add_url_rule("/disbursements/<int:request_id>", "disbursement", payouts.asked)
bp.add_url_rule("/disbursements/<int:request_id>/<word>", "answer_request", payouts.answer, methods=["POST"])
bp.add_url_rule("/phones", "phones", phones.everybody)
bp.add_url_rule("/phones", "phone", phones.of_one, methods=["POST"])
bp.add_url_rule("/incidents", "troubles", troubles.everything)
bp.add_url_rule("/incidents", "trouble", troubles.look_up, methods=["POST"])
bp.add_url_rule("/payments/<int:payment_id>", "payment", status.payment)
bp.add_url_rule("/payments/<int:payment_id>/ask", "ask_anew", status.ask_anew, methods=["POST"])
bp.add_url_rule("/chamas", "chamas", groups.chamas)
bp.add_url_rule("/chamas", "found", groups.found, methods=["POST"])
bp.add_url_rule("/chamas/<int:chama_id>", "chama", groups.chama)
bp.add_url_rule("/chamas/<int:chama_id>/recruit", "recruit", groups.recruit, methods=["POST"])
bp.add_url_rule("/chamas/<int:chama_id>/invite", "invite", groups.invite, methods=["POST"])
bp.add_url_rule("/chamas/<int:chama_id>/join", "join", groups.join, methods=["POST"])
bp.add_url_rule("/chamas/<int:chama_id>/admit", "admit", groups.admit, methods=["POST"])
bp.add_url_rule("/chamas/<int:chama_id>/qr", "draw", groups.draw, methods=["POST"])
bp.add_url_rule("/chamas/<int:chama_id>/qr.png", "picture", groups.picture)
bp.add_url_rule("/chamas/<int:chama_id>/book", "book", books.book)
bp.add_url_rule("/chamas/<int:chama_id>/book.csv", "book_file", books.file)
bp.add_url_rule("/chamas/<int:chama_id>/payments", "group_payments", arrivals.of_group)
bp.add_url_rule("/chamas/<int:chama_id>/payments/feed", "group_payments_feed", arrivals.feed)
bp.add_url_rule("/chamas/<int:chama_id>/messages", "messages", messages.of_group)
bp.add_url_rule("/chamas/<int:chama_id>/messages/cap", "cap", messages.set_cap, methods=["POST"])
bp.add_url_rule("/people/<int:user_id>/messages", "wishes", messages.of_person)
bp.add_url_rule("/people/<int:user_id>/messages", "choose_wishes", messages.choose, methods=["POST"])
bp.add_url_rule("/chamas/<int:chama_id>/rules", "rules", rules.rules)
bp.add_url_rule("/chamas/<int:chama_id>/rules", "propose_rules", rules.propose, methods=["POST"])
bp.add_url_rule("/chamas/<int:chama_id>/rules/<int:proposal_id>/<word>", "answer_rules", rules.answer, methods=["POST"])
bp.add_url_rule("/chamas/<int:chama_id>/motions", "motions", motions.everything)
bp.add_url_rule("/chamas/<int:chama_id>/places", "offer_place", motions.offer_place, methods=["POST"])
bp.add_url_rule("/chamas/<int:chama_id>/offices", "name_official", motions.name, methods=["POST"])
bp.add_url_rule("/motions/<int:motion_id>/<word>", "answer_motion", motions.answer, methods=["POST"])
bp.add_url_rule("/chamas/<int:chama_id>/fines", "fines", fines.everything)
bp.add_url_rule("/fines/<int:fine_id>/ask-waiver", "ask_waiver", fines.ask, methods=["POST"])
bp.add_url_rule("/fines/<int:fine_id>/<word>", "answer_fine", fines.answer, methods=["POST"])
bp.add_url_rule("/chamas/<int:chama_id>/loans", "loans", lent.everything)
bp.add_url_rule("/chamas/<int:chama_id>/share-out", "share_out", lent.share_out)
bp.add_url_rule("/chamas/<int:chama_id>/meetings", "meetings", meetings.everything)
bp.add_url_rule("/chamas/<int:chama_id>/meetings", "schedule_meeting", meetings.schedule, methods=["POST"])
bp.add_url_rule("/chamas/<int:chama_id>/meetings/now", "convene", meetings.convene, methods=["POST"])
bp.add_url_rule("/meetings/<int:meeting_id>", "meeting", meetings.one)
bp.add_url_rule("/meetings/<int:meeting_id>/roll", "mark", meetings.mark, methods=["POST"])
bp.add_url_rule("/meetings/<int:meeting_id>/count", "close_meeting", meetings.close, methods=["POST"])
bp.add_url_rule("/meetings/<int:meeting_id>/cancel", "cancel_meeting", meetings.cancel, methods=["POST"])
bp.add_url_rule("/meetings/<int:meeting_id>/minutes", "write_minutes", meetings.write, methods=["POST"])
bp.add_url_rule("/meetings/<int:meeting_id>/recordings", "record", meetings.record, methods=["POST"])
bp.add_url_rule("/files/<int:file_id>", "download", meetings.download)
bp.add_url_rule("/members/<int:member_id>", "person", people.person)
bp.add_url_rule("/members/<int:member_id>/papers", "hand_in", people.hand_in, methods=["POST"])
bp.add_url_rule("/members/<int:member_id>/papers/answer", "decide_papers", people.decide, methods=["POST"])
bp.add_url_rule("/members/<int:member_id>/files", "add_file", people.add_file, methods=["POST"])
bp.add_url_rule("/members/<int:member_id>/files/remove", "remove_file", people.remove_file, methods=["POST"])
bp.add_url_rule("/members/<int:member_id>/data", "kept", kept.of_person)
bp.add_url_rule("/my-data", "my_data", kept.mine)
bp.add_url_rule("/import", "import_form", imports.form)
bp.add_url_rule("/import/look", "import_preview", imports.preview, methods=["POST"])
bp.add_url_rule("/import", "import_file", imports.hand_over, methods=["POST"])
