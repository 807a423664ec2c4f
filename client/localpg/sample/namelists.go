package sample

import "strings"

var britishSurnames = strings.Fields(`
Smith Jones Williams Taylor Brown Davies Evans Wilson Thomas Johnson Roberts Robinson Thompson Wright Walker White
Edwards Hughes Green Hall Lewis Harris Clarke Patel Jackson Wood Turner Martin Cooper Hill Ward Morris Moore Clark Lee
King Baker Harrison Morgan Allen James Scott Phillips Watson Davis Parker Price Bennett Young Griffiths Mitchell Kelly
Cook Carter Richardson Bailey Collins Bell Shaw Murphy Miller Cox Richards Khan Marshall Anderson Simpson Ellis Adams
Singh Begum Wilkinson Foster Chapman Powell Webb Rogers Gray Mason Ali Hunt Hussain Campbell Matthews Owen Palmer
Holmes Mills Barnes Knight Lloyd Butler Russell Barker Fisher Stevens Jenkins Murray Dixon Harvey Ahmed Graham Pearson
Fletcher Walsh Kaur Gibson Howard Andrews Stewart Elliott Reynolds Fox Ford Payne Pearce Day Brooks West Lawrence
Cole Atkinson Bradley Spencer Dawson Watts Burton O'Brien O'Connor O'Neill MacDonald McCarthy McLean Kowalski Nowak
Wiśniewska Nguyen Ng Li Wu Chen Cohen Levy Rossi Silva García Müller Sørensen Łukasik D'Souza Okafor Adeyemi Mensah`)

var britishStarts = strings.Fields(`
Al Ash Ath Bam Bar Beck Bel Bin Ble Bos Bra Bren Bur Cad Cal Car Chad Chal Clif Col Crom Cul Dal Dar Den Dun Eas Ed El
Fal Far Fen Gar Gil Gos Had Hal Har Hath Hol Hun Ing Kel Kes Kim Lam Lan Lin Mal Mar Mel Mid Nor Nun Os Pad Pem Pres
Quar Rad Ram Rom Sed Sel Shel Stan Tar Thorn Up Wal Wen Whit Wol Wy Yar`)

var britishMiddles = append([]string{""}, strings.Fields(`
a al am an ar ber bo by cle de der dle e el en er es i ick il in ing is ker le ling man mer mi na ner o ol on
or ow ster ten ter ven wel`)...)

var britishEnds = strings.Fields(`
ton ley ford worth ham by field wood well man son stead more croft hurst shaw dale bury cott den gate land lock low
mere ridge sey stone thorpe wick combe bourne brook bridge`)

var britishWomen = strings.Fields(`
Margaret Mary Susan Elizabeth Sarah Patricia Christine Olivia Amelia Emily Jessica Sophie Charlotte Emma Chloe Grace
Linda Karen Julie Helen Claire Rebecca Laura Hannah Lucy Katie Amy Lauren Ruth Alice Florence Isla Ava Freya Poppy
Zoë Siân Niamh Aoife Fatima Aisha Priya Mei Zofia Chloé Renée Dorothy Jean Joan Sheila Maureen Gillian Nia Eleri Bronwen`)

var britishMen = strings.Fields(`
David John Michael Peter Robert Paul James William Thomas Daniel Matthew Joshua Oliver Jack Harry George Andrew Mark
Stephen Richard Christopher Simon Ian Alan Kevin Gary Adam Benjamin Samuel Luke Noah Arthur Muhammad Ahmed Arjun Wei
Piotr Seán Rhys Owain Hugh Malcolm Keith Roger Derek Trevor Nigel Graham Edward Henry Alfie Oscar Theo Isaac Reuben`)

var slovakSurnames = strings.Fields(`
Horváth Kováč Varga Tóth Nagy Baláž Szabó Molnár Balog Lukáč Novák Kovács Polák Gajdoš Kollár Hudák Németh Oláh
Kováčik Oravec Hruška Kučera Zeman Novotný Svoboda Dvořák Černý Procházka Veselý Horný Krajčír Mráz Šimko
Majer Bartoš Žák Hlaváč Král Sedlák Urban Blaho Ďurica Ševčík Štefánik Ľupták Jurčík Beňo Pavlík Krupa Mikuš Gregor
Vrábel Sloboda Rusnák Kmeť Tkáč Mlynár Kostka Holub Sýkora Vlček Bielik Čech Šoltés Císař Jakubec Hronský Liptovský
Zelenák Fedor Pastor Medveď Chovanec Straka Drozd Havran Slávik Kohút Jelínek Zajac Ježek Líška`)

var slovakStarts = strings.Fields(`
Bal Ben Bor Brez Cib Čer Čiž Dan Dob Drah Ďur Fab Gaj Hal Hor Hrab Hrič Jan Jur Kal Kov Krš Kub Lac Leš Lip Ľub
Mac Maj Mar Mih Mok Ned Nem Ond Pál Pet Pol Rak Rep Rus Sed Sob Stan Šim Škov Štef Tich Tom Urb Val Vav Vrš Zab Žiš`)

var slovakMiddles = strings.Fields(`al an ar av en er ič il in iš ol or oš ov ub ul um uš`)

var slovakEnds = strings.Fields(`ák ík ek ec ko ka áč ič ský čan áš ný ín ovič`)

var slovakWomen = strings.Fields(`
Mária Anna Zuzana Katarína Eva Jana Helena Monika Martina Lucia Veronika Alžbeta Ľubica Božena Viera Michaela Kristína
Ivana Andrea Petra Natália Simona Barbora Dominika Nina Sofia Ema Žofia Želmíra Ľudmila Tatiana Daniela Terézia`)

var slovakMen = strings.Fields(`
Jozef Ján Peter Milan Štefan Martin Michal František Miroslav Ľubomír Tomáš Marek Lukáš Juraj Ondrej Pavol Vladimír
Andrej Dušan Igor Róbert Jakub Matej Filip Samuel Adam Šimon Ľudovít Žigmund Július Rastislav Branislav Viliam`)

// streets of the towns, by authority.
var streets = [][]string{
	cam: {"Station Road", "High Street", "Mill Lane", "Church Walk", "Beck Side", "Harrow Rise", "St Anne's Terrace", "Orchard Close"},
	ken: {"London Road", "Vale Crescent", "Alder Way", "The Green", "Canal Street", "Victoria Avenue", "King's Court", "Wending Hill"},
	pbk: {"Prístavná", "Topoľová", "Námestie sv. Floriána", "Ružová dolina", "Dunajská", "Hájová", "Ľanová", "Železničiarska"},
}
