/* Canned answers: the exchange's own texts. */
#include <stdio.h>
#include <string.h>

#include "faults_in.h"

/*
 * Canned bodies. The texts are the exchange's own, because clients tell some
 * of these answers apart by nothing else.
 */

static const struct { const char *name, *type, *body; } bodies[] = {
	{ "unknown", NULL,
	  "{\"code\":-1001,\"msg\":\"Unknown error, please check your request or try again "
	  "later.\"}" },
	{ "svc", NULL, "{\"code\":-1001,\"msg\":\"Service Unavailable.\"}" },
	{ "internal", NULL,
	  "{\"code\":-1001,\"msg\":\"Internal error; unable to process your request. Please try "
	  "again.\"}" },
	{ "html", "text/html",
	  "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
	  "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n"
	  "</body>\r\n</html>\r\n" },
	{ "empty", NULL, "" },
	{ "null", NULL, "null" },
	{ "array", NULL, "[]" },
	{ "ok", NULL, "{\"code\":200,\"msg\":\"success\"}" },
	{ "bom", NULL, "\xef\xbb\xbf{}" },
	{ "trailing", NULL, "{}}" },
	{ "mixed", NULL, "[{\"code\":-4164,\"msg\":\"Order's notional must be no smaller than 50 "
	  "(unless you choose reduce only).\"},{\"code\":-2019,\"msg\":\"Margin is "
	  "insufficient.\"}]" },
	{ "waf", "text/html",
	  "<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY>\r\n"
	  "<H1>403 ERROR</H1>\r\n<H2>The request could not be satisfied.</H2>\r\nRequest blocked."
	  "\r\n</BODY></HTML>\r\n" },
	{ "code0", NULL,
	  "{\"code\":0,\"msg\":\"Service unavailable from a restricted location according to "
	  "'b. Eligibility' in https://www.binance.com/en/terms.\"}" },
};

static const struct { int code; const char *msg; } texts[] = {
	{ -1000, "An unknown error occurred while processing the request." },
	{ -1001, "Internal error; unable to process your request. Please try again." },
	{ -1002, "You are not authorized to execute this request." },
	{ -1003, "Too many requests; current limit of IP(127.0.0.1) is 2400 requests per minute. "
	  "Please use the websocket for live updates to avoid polling the API." },
	{ -1006, "An unexpected response was received from the message bus. Execution status "
	  "unknown." },
	{ -1007, "Timeout waiting for response from backend server. Send status unknown; "
	  "execution status unknown." },
	{ -1008, "Request throttled by system-level protection. Reduce-only/close-position orders "
	  "are exempt. Please try again." },
	{ -1010, "ERROR_MSG_RECEIVED." },
	{ -1014, "Unsupported order combination." },
	{ -1015, "Too many new orders; current limit is 300 orders per TEN_SECONDS." },
	{ -1016, "This service is no longer available." },
	{ -1020, "This operation is not supported." },
	{ -1021, "Timestamp for this request is outside of the recvWindow." },
	{ -1022, "Signature for this request is not valid." },
	{ -1099, "Not found, authenticated, or authorized" },
	{ -1100, "Illegal characters found in a parameter." },
	{ -1101, "Too many parameters sent for this endpoint." },
	{ -1102, "A mandatory parameter was not sent, was empty/null, or malformed." },
	{ -1103, "An unknown parameter was sent." },
	{ -1106, "A parameter was sent when not required." },
	{ -1109, "Invalid account." },
	{ -1111, "Precision is over the maximum defined for this asset." },
	{ -1112, "No orders on book for symbol." },
	{ -1114, "TimeInForce parameter sent when not required." },
	{ -1115, "Invalid timeInForce." },
	{ -1116, "Invalid orderType." },
	{ -1117, "Invalid side." },
	{ -1121, "Invalid symbol." },
	{ -1122, "Invalid symbol status." },
	{ -1125, "This listenKey does not exist." },
	{ -1128, "Combination of optional parameters invalid." },
	{ -1130, "Data sent for a parameter is not valid." },
	{ -2010, "NEW_ORDER_REJECTED" },
	{ -2011, "Unknown order sent." },
	{ -2013, "Order does not exist." },
	{ -2014, "API-key format invalid." },
	{ -2015, "Invalid API-key, IP, or permissions for action, request ip: 127.0.0.1" },
	{ -2017, "API Keys are locked on this account." },
	{ -2018, "Balance is insufficient." },
	{ -2019, "Margin is insufficient." },
	{ -2020, "Unable to fill." },
	{ -2021, "Order would immediately trigger." },
	{ -2022, "ReduceOnly Order is rejected." },
	{ -2023, "User in liquidation mode now." },
	{ -2024, "Position is not sufficient." },
	{ -2025, "Reach max open order limit." },
	{ -2026, "This OrderType is not supported when reduceOnly." },
	{ -2027, "Exceeded the maximum allowable position at current leverage." },
	{ -2028, "Leverage is smaller than permitted: insufficient margin balance." },
	{ -4000, "Invalid order status." },
	{ -4001, "Price less than 0." },
	{ -4002, "Price greater than max price." },
	{ -4003, "Quantity less than or equal to zero." },
	{ -4004, "Quantity less than min quantity." },
	{ -4005, "Quantity greater than max quantity." },
	{ -4013, "Price less than min price." },
	{ -4014, "Price not increased by tick size." },
	{ -4015, "Client order id length should not be more than 36 chars" },
	{ -4016, "Limit price can't be higher than 60000." },
	{ -4022, "Market is not active." },
	{ -4023, "Qty not increased by step size." },
	{ -4024, "Limit price can't be lower than 60000." },
	{ -4028, "Leverage 200 is not valid" },
	{ -4045, "Reach max stop order limit." },
	{ -4046, "No need to change margin type." },
	{ -4047, "Margin type cannot be changed if there exists open orders." },
	{ -4048, "Margin type cannot be changed if there exists position." },
	{ -4050, "Cross balance insufficient." },
	{ -4051, "Isolated balance insufficient." },
	{ -4059, "No need to change position side." },
	{ -4061, "Order's position side does not match user's setting." },
	{ -4067, "Position side cannot be changed if there exists open orders." },
	{ -4068, "Position side cannot be changed if there exists position." },
	{ -4087, "Api key user only allow place reduce only order." },
	{ -4088, "User can not place order currently." },
	{ -4089, "Api key user only allow place reduce only order." },
	{ -4090, "User can not place order currently." },
	{ -4105, "Only reduce-only orders are allowed for this symbol." },
	{ -4109, "This account is inactive; please activate the account by transferring any asset "
	  "to it." },
	{ -4112, "ReduceOnly Order Failed. Please check your existing position and open orders." },
	{ -4113, "The counterparty's best price does not meet the PERCENT_PRICE filter limit." },
	{ -4116, "ClientOrderId is duplicated." },
	{ -4117, "stop order is triggering" },
	{ -4118, "ReduceOnly Order Failed. Please check your existing position and open orders" },
	{ -4120, "Order type not supported for this endpoint. Please use the Algo Order API "
	  "endpoints instead." },
	{ -4130, "An open stop or take profit order with GTE and closePosition in the direction "
	  "is existing." },
	{ -4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit." },
	{ -4135, "Invalid activation price." },
	{ -4137, "Quantity must be zero with closePosition equals true" },
	{ -4138, "Reduce only must be true with closePosition equals true" },
	{ -4140, "Invalid symbol status for opening position." },
	{ -4141, "Symbol is closed." },
	{ -4142, "Rejected: the trigger price would trigger immediately." },
	{ -4144, "Invalid pair" },
	{ -4161, "Leverage reduction is not supported in Isolated Margin Mode with open positions." },
	{ -4164, "Order's notional must be no smaller than 5 (unless you choose reduce only)." },
	{ -4168, "Unable to adjust to isolated-margin mode under the Multi-Assets mode." },
	{ -4171, "No need to change asset mode." },
	{ -4188, "Timestamp for this request is outside of the ME recvWindow." },
	{ -4189, "The current symbol is in reduce-only mode for your account." },
	{ -4192, "Trade forbidden due to Cooling-off Period." },
	{ -4208, "The leverage of this symbol cannot be higher than 20x." },
	{ -4209, "The leverage of this symbol cannot be higher than 20x for a new position." },
	{ -4210, "Stop price is higher than the limit." },
	{ -4211, "Stop price is lower than the limit." },
	{ -4400, "Futures Trading Quantitative Rules violated, only reduceOnly order is allowed, "
	  "please try again later." },
	{ -4401, "Only reduce-only orders are allowed: your position in this symbol is large." },
	{ -4402, "This feature is not available in your region." },
	{ -4403, "The leverage is limited in your region." },
	{ -4517, "This order cannot be placed under the terms of your region." },
	{ -4519, "This symbol cannot be traded under the terms of your region." },
	{ -4531, "Position mode cannot be changed at the moment." },
	{ -5021, "Due to the order could not be filled immediately, the FOK order has been "
	  "rejected. The order will not be recorded in the order history" },
	{ -5022, "Due to the order could not be executed as maker, the Post Only order will be "
	  "rejected. The order will not be recorded in the order history" },
	{ -5024, "The symbol is not in trading status. Order amendment is not permitted." },
	{ -5025, "Only limit order is supported." },
	{ -5026, "Exceed maximum modify order limit." },
	{ -5027, "No need to modify the order." },
	{ -5028, "Timestamp for this request is outside of the ME recvWindow." },
	{ -5037, "Invalid price match." },
	{ -5038, "Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT." },
	{ -5040, "The goodTillDate timestamp must be greater than the current time plus 600 "
	  "seconds and smaller than 253402300799000." },
	{ -5041, "No depth matches this BBO order." },
	{ -5043, "A pending modification already exists for this order." },
};

const char *
faults_text(int code)
{
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (texts[i].code == code)
			return texts[i].msg;
	return NULL;
}

int
faults_body(const char *name)
{
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		if (strcmp(bodies[i].name, name) == 0)
			return (int)i;
	return -1;
}

void
faults_canned(const struct fault_rule *r, int64_t now_ms, struct canned *out)
{
	int i;

	out->type = NULL;
	if (r->name[0] != '\0' && (i = faults_body(r->name)) != -1) {
		out->type = bodies[i].type;
		snprintf(out->body, sizeof out->body, "%s", bodies[i].body);
	} else if (r->status == 418 && r->code == -1003)
		snprintf(out->body, sizeof out->body, "{\"code\":-1003,\"msg\":\"Way too many requests; "
		    "IP(127.0.0.1) banned until %lld. Please use the websocket for live updates to "
		    "avoid bans.\"}", (long long)now_ms + 120000);
	else
		snprintf(out->body, sizeof out->body, "{\"code\":%d,\"msg\":\"%s\"}", r->code,
		    faults_text(r->code));
}
