/** First names that many people have, of many languages, as registries of names tell them (facts, put together here). None that is a common word of English. */
export const firstNames: ReadonlySet<string> = new Set(
  (
    'aaron abdul abigail adam adriana adrian agnes agnieszka ahmed aisha akiko alan alana albert alejandra alejandro alena alessandro alessia alex alexander alexandra ' +
    'alexei alexis alfred ali alice alicia alina alisha allison alma alyssa amanda amelia amina amir amit amy ana anastasia anders andrea andreas andrei andrew andrzej angela ' +
    'angelica angelo anil anita anja anjali ann anna anne annette annika anthony antoine anton antonia antonio arianna arjun arnaud arne arnold arthur arturo asha ashley astrid ' +
    'audrey axel ayesha barbara bartosz beatrice beatriz ben benjamin benoit bernard bernd bertram beth bettina birgit björn bogdan boris brandon brenda brent brian brigitte bruno ' +
    'bryan caleb camila camille carl carla carlos carmen caroline catherine cecilia cédric charles charlotte chen chiara chloe chris christa christian christina christine christoph ' +
    'christophe christopher cindy claire clara claude claudia clemens colin concetta connor courtney craig cristian cristina crystal curtis cynthia dagmar daisuke damian damien dan ' +
    'daniel daniela danielle darren dave david deborah deepak denis denise dennis derek diana diane diego dieter dimitri dirk dmitri dominic dominik donald donna doris dorothy douglas ' +
    'dylan eduardo edward edwin eileen elaine elena eleni elias elisabeth elisa elizabeth ella ellen elsa emanuel emil emilia emily emma emmanuel eric erica erik erika erin ernest ' +
    'ernst esteban esther ethan eugene eva evelyn fabian fabio fatima federica federico felipe felix ferdinand fernanda fernando filip fiona florence florian francesca francesco ' +
    'francis francisco frank françois franz fred frederick frederik friedrich fritz gabriel gabriela gary geoffrey georg george georgia gerald gerard gerhard gianni gilbert giles ' +
    'giorgio giovanni giulia giuseppe gloria gonzalo gordon greg gregory greta guadalupe gudrun guido guillaume gunnar gustav hannah hannes hans harald harold haruto hassan heather ' +
    'hector heidi heike heinrich heinz helen helena helga helmut henri henrik henry herbert hermann hilda hiroshi holger horst howard hugo hussein ian ibrahim ida igor ines inga ingrid ' +
    'irene irina isaac isabel isabella isabelle ismail ivan ivana jacek jack jackie jacob jacqueline jacques jake jakob jakub james jan jana jane janet janice jannis jason javier ' +
    'jean jeff jeffrey jennifer jens jeremy jerome jerry jesse jessica jesus jill jim jin joan joanna joao joaquin joe joel johan johann johanna johannes john johnny jonas jonathan ' +
    'jordan jorge jörg jose josef josefina joseph josephine joshua josip juan juana judith judy julia julian juliana julie julien juliet julieta julio julius jun jürgen justin justyna kamil ' +
    'kamila karen karim karin karl karla karolina kaspar katarina kate katharina katherine kathleen kathryn katie katja katrin kayla keith kelly ken kenji kenneth kerstin kevin khadija ' +
    'kim kimberly klaus knut konrad kristian kristin kristina krystyna krzysztof kumar kurt kyle lars laura lauren laurence laurent lea leigha lena leo leon leonard leonardo leonie ' +
    'leroy leslie li liam lidia lilian lily linda lisa liu logan lorenzo louis louise luca lucas lucia lucy ludwig luigi luis luisa lukas lydia magdalena maggie malcolm manfred ' +
    'manuel manuela marc marcel marcelo marcia marco marek margaret margarita margot maria mariam marianne marie marina mario marion marius mark marko markus marlene marta martha ' +
    'martin martina mary maryam masako mateo mathias mathilde matteo matthew matthias maureen maurice maximilian megan mehmet mei melanie melissa mercedes meredith mia michael ' +
    'michaela michał michel michelle miguel mika mike mikhail milan milena milos minh miriam mohamed mohammed monica monika morgan moritz muhammad mustafa nadia nadine nancy naomi ' +
    'natalia natalie natasha nathan neha neil nicholas nick nicola nicolas nicole niels nigel nikhil niklas nikola nikolai nina noah noemi nora norbert norman nuria oleg olga oliver ' +
    'olivia olivier omar oscar oskar otto pablo pamela paola paolo pascal patricia patrick patrik paul paula pavel pedro peggy per peter petra petr philip philipp philippe phyllis pia ' +
    'pierre pietro piotr prakash priya rachel rafael rahul raj rajesh ralf ralph ramon raphael rashid raquel raul raymond rebecca regina reinhard renata renate rené ricardo richard ' +
    'rita robert roberta roberto robin roderick rodrigo roger roland rolf roman ronald rosa rosemary ross rosie roxanne rudolf ruth ryan sabine sabrina sally salvatore sam samantha samir ' +
    'samuel sandeep sandra sanjay sara sarah saskia scott sean sebastian sergei sergio shannon sharon shawn sheila shirley shreya sibylle sieuwerd sigrid silke silvia simon simone sina ' +
    'sofia solange sonia sonja sophia sophie stacy stanislav stefan stefania stefanie stella stephan stephanie stephen steve steven stuart sunil susan susana susanne suzanne sven svetlana ' +
    'sylvia tadeusz takashi tamara tania tanja tara tatiana ted teresa thandi theo theodor theresa thierry thomas thorsten tiffany tim timo timothy tina tobias todd tom tomas tomasz ' +
    'tommaso tony torsten toshimi tracy travis trevor tyler udo ulrich ulrike umberto ursula ute uwe valentina valerie vanessa vera veronica victor victoria vijay viktor vincent vincenzo viola ' +
    'virginia vivian vladimir walter wanda wayne wei wendy werner wilhelm william willy winston wolfgang xavier yan yasmin yolanda yuki yuri yusuf yves yvonne zachary zainab zdenka zoe zofia zuzana'
  ).split(' '),
)
