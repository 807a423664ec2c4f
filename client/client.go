// Package client is patronctl's typed access to the library database: one file per subject, mirrored by the SQL
// under schema/. It imports pgx and goose, never cobra or output.
package client

import (
	"context"
	"time"
)

// Config says where the database is and how patient to be with it.
type Config struct {
	// DSN is a libpq connection string or URL; empty means libpq's own environment, service file and passfile.
	DSN string
	// Timeout bounds each call to the server; zero means 30 seconds.
	Timeout time.Duration
	// Debug receives one line per call when not nil. It never sees arguments.
	Debug func(line string)
}

// Client is one lazy connection to the database.
type Client struct{}

// Open connects. A failure is an *Error of kind Connect that names the address tried, never a password.
func Open(ctx context.Context, config Config) (*Client, error) { panic("stub") }

// Close ends the connection.
func (c *Client) Close() {}
