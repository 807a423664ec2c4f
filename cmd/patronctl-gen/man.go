package main

import (
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"patronctl/commands/help"
	"patronctl/output"
)

// topicPage is a topic of the handbook as a page of section 7.
func topicPage(t help.Topic) string {
	p := newPage("patronctl-"+t.Name, "7", t.Title)
	p.section("description")
	p.prose(output.ReadProse(t.Text))
	p.section("see also")
	p.WriteString("\\fBpatronctl\\fR(1)\n")
	return p.String()
}

// commandPage is the help of a command as a page of section 1.
func commandPage(cmd *cobra.Command) string {
	p := newPage(pageName(cmd), "1", cmd.Short)
	p.section("synopsis")
	p.WriteString("\\fB" + escape(help.Usage(cmd)) + "\\fR\n")
	p.section("description")
	p.long(cmd)
	p.flags("options", cmd.NonInheritedFlags())
	p.flags("global options", cmd.InheritedFlags())
	if cmd.Example != "" {
		p.section("examples")
		p.WriteString(".RS -5\n") // where help has it: its lines fit a terminal
		p.asWritten(output.ReadProse(cmd.Example)[0].Lines, 0)
		p.WriteString(".RE\n")
	}
	p.seeAlso(cmd)
	return p.String()
}

// long writes what a command does. Its indented parts are lists of a term and its meaning, or lines to keep.
func (p *roff) long(cmd *cobra.Command) {
	if cmd.Long == "" {
		p.WriteString(escape(cmd.Short) + ".\n")
		return
	}
	for _, b := range output.ReadProse(cmd.Long) {
		if terms := termsOf(b); terms != nil {
			for _, t := range terms {
				p.tagged("\\fB"+escape(t[0])+"\\fR", t[1])
			}
		} else {
			p.prose(output.Prose{b})
		}
	}
}

var (
	termLine = regexp.MustCompile(`^(\S.*?)  +(\S.*)$`)
	moreLine = regexp.MustCompile(`^  +(\S.*)$`)
)

// termsOf takes an indented block apart into terms and what they mean; it is nil when the block is something else.
func termsOf(b output.Block) [][2]string {
	if b.Kind != output.CodeBlock {
		return nil
	}
	var terms [][2]string
	for _, line := range b.Lines {
		term, more := termLine.FindStringSubmatch(line), moreLine.FindStringSubmatch(line)
		switch {
		case term != nil:
			terms = append(terms, [2]string{term[1], term[2]})
		case more != nil && terms != nil:
			terms[len(terms)-1][1] += " " + more[1]
		case line != "":
			return nil
		}
	}
	return terms
}

func (p *roff) flags(title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	p.section(title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		term := "\\fB" + escape("--"+f.Name) + "\\fR"
		if f.Shorthand != "" {
			term = "\\fB" + escape("-"+f.Shorthand) + "\\fR, " + term
		}
		if value != "" {
			term += " \\fI" + escape(value) + "\\fR"
		}
		p.tagged(term, usage)
	})
}

func (p *roff) seeAlso(cmd *cobra.Command) {
	var pages []string
	if cmd.HasParent() {
		pages = append(pages, pageName(cmd.Parent())+"(1)")
	}
	for _, sub := range cmd.Commands() {
		if !sub.Hidden && !isTopic(sub) {
			pages = append(pages, pageName(sub)+"(1)")
		}
	}
	for _, t := range help.Topics() {
		if !cmd.HasParent() || cmd.Name() == "help" || cmd.CommandPath() == "patronctl "+t.Name {
			pages = append(pages, "patronctl-"+t.Name+"(7)")
		}
	}
	p.section("see also")
	for i, page := range pages {
		if i < len(pages)-1 {
			page += ","
		}
		name, rest, _ := strings.Cut(page, "(")
		p.WriteString("\\fB" + escape(name) + "\\fR(" + rest + "\n")
	}
}

func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

func isTopic(cmd *cobra.Command) bool { return cmd.HasParent() && cmd.Parent().Name() == "help" }
