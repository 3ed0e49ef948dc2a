#!/usr/bin/env python3
"""Earn the funding, in Python: short while longs pay more than a limit, flat when they do not.

	{ bf-position BTCUSDT -o ndjson; bf-stream markPrice user BTCUSDT; } |
	    funding.py BTCUSDT 0.01 0.0005 0.0001 | bf-risk --rules risk.conf | bf-order >>outcomes

	funding.py SYMBOL QUANTITY ENTER LEAVE

ENTER and LEAVE are rates of one settlement: sells QUANTITY when the rate is above ENTER, buys it
back when it is below LEAVE. What is held is what the account says: bf-position at the start, its
events (user) from then on. Every line goes by as it came.

Python keeps what it prints until a block is full unless it is a terminal: hence flush=True.
Numbers are Decimal, never float. Lines are passed on as text; what is read here of an id is an
int of any length, but keep ids strings in what you write: other programs may not do as well.

The client order id is made of the time of the settlement: one entry and one exit for each, also
when it is started again, because bf-order refuses an id that its journal has.

It does not protect from: the price, which may cost more in a minute than the funding of a month
brings (for that, hold the coin too, or buy another contract), a rate that turns just before
the settlement, somebody else's trades in the symbol. No stop is placed. Limits are bf-risk's.
A pattern to copy and change, not advice.
"""
import json
import sys
from decimal import Decimal, InvalidOperation


def position(record, symbol, held):
    """What is held after this record."""
    if record.get("e") == "bf.position" and record.get("symbol") == symbol:
        return Decimal(record["positionAmt"])
    if record.get("e") == "ACCOUNT_UPDATE":
        for leg in record["a"].get("P", []):
            if leg["s"] == symbol:
                return Decimal(leg["pa"])
    return held


def intent(symbol, side, quantity, settlement, what, **more):
    order = {"symbol": symbol, "side": side, "type": "MARKET", "quantity": str(quantity),
             "newOrderRespType": "RESULT", "newClientOrderId": f"fund-{symbol}-{settlement // 1000}-{what}"}
    print(json.dumps({**order, **more}, separators=(",", ":")), flush=True)


def main(symbol, quantity, enter, leave):
    held = Decimal(0)
    asked = set()
    for line in sys.stdin:
        print(line, end="", flush=True)
        try:
            record = json.loads(line, parse_float=Decimal)
        except ValueError:
            continue  # bf-risk rejects it by name
        if not isinstance(record, dict):
            continue
        held = position(record, symbol, held)
        if record.get("e") != "markPriceUpdate" or record.get("s") != symbol or not record.get("r"):
            continue
        rate, settlement = Decimal(record["r"]), int(record["T"])
        if rate > enter and held == 0 and (settlement, "in") not in asked:
            asked.add((settlement, "in"))
            intent(symbol, "SELL", quantity, settlement, "in")
        elif rate < leave and held < 0 and (settlement, "out") not in asked:
            asked.add((settlement, "out"))
            intent(symbol, "BUY", -held, settlement, "out", reduceOnly="true")


if __name__ == "__main__":
    try:
        name, *numbers = sys.argv[1:]
        figures = [Decimal(n) for n in numbers]
        if len(figures) != 3 or figures[0] <= 0 or figures[2] > figures[1]:
            raise ValueError
    except (ValueError, InvalidOperation):
        sys.exit("usage: funding.py SYMBOL QUANTITY ENTER LEAVE")
    try:
        main(name, *figures)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
