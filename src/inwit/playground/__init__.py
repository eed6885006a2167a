"""A local page on which an agent can be watched, stopped, damaged and compared.

episodes, counterfactual, forecast   one episode with all that was weighed, and what it is worth
tape                                 a problem piece by piece
switches                             what can be taken from an agent
description, runs, learning          data for the page about agents and their training
reports                              certificates and audits, made while the page waits
guard, server                        who may ask, and what is answered
static/                              the page: modules of JavaScript, also in an export
"""
