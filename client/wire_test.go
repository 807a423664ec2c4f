package client_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"patronctl/client/localpg/pgtest"
)

// wire is a connection of one login that keeps everything the server says: names of columns, values, notices,
// notifications, and all of an error.
type wire struct {
	t    testing.TB
	conn *pgconn.PgConn
}

func newWire(t testing.TB, db *pgtest.DB, login string) *wire {
	t.Helper()
	return &wire{t, db.Connect(t, login).PgConn()}
}

// say sends SQL as psql would, or as programs do, and returns what came back and the SQLSTATE of a failure.
func (w *wire) say(sql string, extended bool) (said, failure string) {
	w.t.Helper()
	if !extended {
		return w.exchange(&pgproto3.Query{String: sql})
	}
	return w.exchange(append(extendedQuery(sql), &pgproto3.Sync{})...)
}

func extendedQuery(sql string) []pgproto3.FrontendMessage {
	return []pgproto3.FrontendMessage{&pgproto3.Parse{Query: sql}, &pgproto3.Bind{}, &pgproto3.Describe{ObjectType: 'P'}, &pgproto3.Execute{}}
}

// patience is how long the server may take for an answer.
const patience = time.Minute

// exchange sends messages, of which the last is a Query, a FunctionCall or a Sync, and waits until the server is ready.
func (w *wire) exchange(messages ...pgproto3.FrontendMessage) (said, failure string) {
	w.t.Helper()
	front := w.conn.Frontend()
	send := func(messages ...pgproto3.FrontendMessage) {
		for _, message := range messages {
			front.Send(message)
		}
		if err := front.Flush(); err != nil {
			w.t.Fatal(err)
		}
	}
	_ = w.conn.Conn().SetDeadline(time.Now().Add(patience))
	send(messages...)
	var all strings.Builder
	for {
		answer, err := front.Receive()
		if err != nil {
			w.t.Fatalf("%v: %v", messages[0], err)
		}
		switch m := answer.(type) {
		case *pgproto3.RowDescription:
			for _, field := range m.Fields {
				fmt.Fprintf(&all, "%s\t", field.Name)
			}
			fmt.Fprintln(&all)
		case *pgproto3.DataRow:
			for _, value := range m.Values {
				fmt.Fprintf(&all, "%s\n", value)
			}
		case *pgproto3.CopyData:
			fmt.Fprintf(&all, "%s", m.Data)
		case *pgproto3.CopyInResponse:
			send(&pgproto3.CopyFail{Message: "nothing to copy"})
			if _, ok := messages[len(messages)-1].(*pgproto3.Sync); ok {
				send(&pgproto3.Sync{}) // the first one was lost in the data
			}
		case *pgproto3.FunctionCallResponse:
			fmt.Fprintf(&all, "%s\n", m.Result)
		case *pgproto3.NoticeResponse:
			fmt.Fprintf(&all, "%+v\n", *m)
		case *pgproto3.NotificationResponse:
			fmt.Fprintf(&all, "%+v\n", *m)
		case *pgproto3.ErrorResponse:
			fmt.Fprintf(&all, "%+v\n", *m)
			failure = m.Code
		case *pgproto3.ReadyForQuery:
			return all.String(), failure
		}
	}
}
