"""English clues, with their points.

The points are weighed by tests/domain/emergencies/weigh_clues.py; the notation is that of domain/emergencies/clues.py.
"""

from __future__ import annotations

from domain.emergencies.clues import Clues
from domain.emergencies.heard import Danger

#: Points of every message, and further ones of a message that is shorter than so many characters or English words.
BASE = 0
LENGTHS = ((6, 4), (10, -2))
CLUES = (
    Clues("family", None, (4, 4, 0),
        "mom+1/mum+1/mother/dad/father/husband/wife/grandma/grandpa/grandmother-3/grandfather+1/granny/grandad/son+1/daughter/baby+1/kid+1/kids+1/child"
        "/children/brother/sister/uncle/aunt/cousin+1/boyfriend/girlfriend/toddler/nephew/niece/parents/grandson/granddaughter/stepdad/ex/nan/nana/pops/papa"
        "/mama/stepmother/stepfather/stepmom/twins/infant/newborn/little boy/little girl/little brother/little sister/my boy/my girl/my kid/my wife"
        "/my husband/my mom/my dad/my son/my daughter+3/my grandma/my grandpa/my baby+2/my friend+1/my brother+1/my sister/my neighbor/my neighbour"
        "/my uncle+1/my aunt/my mother/my father/in law/fiance/partner/elderly-2/old woman"),
    Clues("other people", None, (3, 2, 0),
        "man/woman/boy/girl+1/guy+1/someone+1/somebody-3/person/people+1/lady/old man+2/old lady/neighbor/neighbour-4/neighbors/worker/workers+1/coworker"
        "/driver-1/friend/friends/student/students/classmate/roommate/guys/men+1/passengers/passenger/everyone/everybody/farmer/cyclist/rider+2/strangers"
        "/stranger-3/two of them+1/one of them/teen/teenager/teenagers/teens/tourist/tourists/hiker/hikers/fisherman/passerby/pedestrian/biker/builder"
        "/electrician/welder/roofer/mechanic/delivery guy/courier/cleaner/nurse/teacher/pupil/pupils/lad/bloke/dude/couple/family/families-1/villagers/crowd"
        "/customer/customers/patient/victim/victims/tenant/landlord/guest/guests/employee/chef/cook/boss-1/drunk guy/drunk man-4/masked/another/others"
        "/two people/three people/several people/both"),
    Clues("pronouns", None, (3, 1, 3),
        "he/she/they/him/her/them-1/hes+1/shes+1/theyre/his-1/their"),
    Clues("the person who writes", None, (1, 3, 2),
        "i/im-1/me/my/we+1/us+2/our/ive/were-1"),
    Clues("parts of the body", None, (3, 1, 0),
        "head+2/face/arm/arms/leg+2/legs/chest/throat+1/mouth/lips/eyes/eye/neck/hand+1/hands/finger/fingers/stomach/back/skin/body+1/blood/bleeding/nose"
        "/hip/breath+1/breathing/pulse/heart-2/tongue/knee-4/shoulder/wrist/ankle/toe/toes/jaw/ear/ears/hair/forehead/rib/ribs/spine/thigh/palm/thumb/tooth"
        "/teeth/foot/feet/lung/lungs/belly/side/left side/one side/half/bone/bones"),
    Clues("ill or injured", Danger.MEDICAL, (2, 4, 0),
        "pain/hurts-1/hurt/collapsed+1/fainted/unconscious+1/seizure+3/shaking/vomiting/dizzy+1/choking+1/choked/stroke/swollen/swelling+2/numb/burned-1"
        "/scalded/fever/overdose/stung/bitten/labor/labour+1/contractions/pregnant+1/asthma/diabetic/allergic/wheezing/sweating/pale/blue/purple/cold/limp"
        "/stiff/weird/sick/headache/confused/slurring/broken/broke+1/injured-1/wound/cut-2/dying-5/dead-1/killed-1/drool/foaming/convulsing/gasping/unwell"
        "/ill/poisoned/electrocuted/drowned/drowning-1/crushed/burns/burned badly/scalding/severed/sliced/cut off/cut his/cut her+1/deep cut/gash/puncture"
        "/stabbed/broken leg/broken arm/fracture/concussion/passed out/pass out/blacked out/out cold/seizing/spasm/twitching/trembling/heart attack"
        "/heart stopped/cardiac/drooping/droops/slurred/slurs/cant speak/rash/hives/choke/gagging/coughing+1/throwing up/threw up/diarrhea/dehydrated"
        "/heatstroke/sunstroke/frostbite/hypothermia/hypothermic/shivering/feverish/burning up+3/fits/fit/epileptic/epilepsy/insulin/sugar/overdosed"
        "/swallowed+2/ate/drank+2/mushrooms/venom/venomous/snake bit/bitten by-1/stung by/wasp/hornets/allergy/reaction/anaphylaxis/giving birth/birth"
        "/water broke/miscarriage/pressure/severe/badly/serious/critical/delirious/faint/weak/clutching/gasps/short of breath/yellow/grey/bruised/bruises"
        "/blood everywhere+1/lots of blood/so much blood/pool of blood/blood on/soaked"),
    Clues("no answer", Danger.MEDICAL, (5, 0, 0),
        "not breathing/wont wake+1/not waking/doesnt answer/not answering/isnt answering/not responding/no response/not moving/isnt moving/wont move"
        "/doesnt move/cant wake/no sound/no answer/wont answer/unresponsive/silent/motionless/not talking/stopped/cant breathe/cant move/cant get up"
        "/cant talk/wont stop/wont respond/doesnt respond/no pulse/wont open/not opening/wont talk/cant feel/not conscious/not awake/wont get up"
        "/cant get him/cant get her/nobody answers/no reply/doesnt reply/isnt breathing+1/stopped breathing/barely breathing/hardly breathing/cant stand"
        "/unable to/not react/no reaction"),
    Clues("falls", None, (5, 5, 2),
        "fell+1/fall/fallen/falling/slipped/tripped/jumped+1/dropped/went under+2/went down+2/went in/fell in+1/fell into+1/fell off+1/fell from/down/lying"
        "/laying/floor/ground-4/hanging/hung/tipped/flipped+1/rolled/overturned/sinking/sank/off the roof/off a ladder/ladder+1/stairs/balcony/window/roof"
        "/cliff/slope/hole/pit/through the ice+1/into the/into a-1/toppled/tumbled/plunged/slid/sliding+2/landed/slipping/dangling/cant climb/cant reach"),
    Clues("water", Danger.WATER, (0, 0, 4),
        "river/lake/pond/well-2/canal+2/pool-4/reservoir+3/ditch+2/sea/water-1/stream/creek/dam/boat+1/raft+1/kayak/drown/swim/swimming-4/swept/current+1"
        "/ice/floating+1/shore/wave/waves/bank/bridge/flood/flooded/flooding/rising/tide/under water/submerged/under the water/didnt come up+2/come up"
        "/surface/surfaced/whirlpool/rapids/waist deep/chest deep/rising fast/swept away+2/washed away/carried away/capsized+1/cant swim/life jacket/fishing"
        "/pier/dock/beach/quarry/weir/spillway/cistern/trough/bathtub/tub/puddle+1/gutter/culvert/drain-2/cesspit/manure/face down"),
    Clues("fire and smoke", Danger.FIRE, (1, 6, 4),
        "fire/flames/smoke/burning-1/burn-2/sparks/sparking+2/caught+3/exploded+4/explosion+1/blaze/on fire/smell+2/black smoke/lit/burnt/boom/bang/flame"
        "/smoking/smoky/smoldering/burst into/engulfed/ablaze/spreading/spread/fireworks-2/firecrackers-3/gas bottle/cylinder/stove/oil/pan/curtains"
        "/mattress/haystack/straw-1/barn/warehouse/forest/woods/hill/hillside+2/wildfire/grass fire/flaming/heat-4/hot+1/choking smoke/full of smoke"
        "/filled with smoke/smoke coming/smoke pouring+1/coming out of/charging/battery-2/short circuit/fuse box/transformer-1/outlet"),
    Clues("gas and poison", Danger.GAS, (-1, 3, 3),
        "gas/leak+1/leaking/fumes/carbon-1/monoxide-1/chemical+1/chlorine/ammonia/hissing+2/smells/tank/heater/charcoal/valve/rotten+3/wire/wires-4/cable+2"
        "/shock/power line+2/electric/pesticide/poison-1/manhole/sewer/septic/gas smell/smell of gas+1/smell gas/smells like gas/rotten eggs/hiss/headaches"
        "/co alarm/alarm/boiler/water heater/coal/brazier/sulfur/acid/toxic/spill/spilled/tanker/pipeline/pipe burst-3/dug into/excavator/wires down"
        "/live wire+1/downed/electricity/socket/plug/fence-2/pole+2/pump/sprayed/spraying/pesticides/weedkiller/cellar/silo/fermentation/cesspool/biogas"),
    Clues("trapped", Danger.COLLAPSE, (1, 7, 2),
        "trapped/stuck/pinned/buried+1/under/locked/cant get out/inside+1/elevator-1/lift/rubble/cave/landslide+1/mud/wall-1/gave way+3/ceiling+1/building+3"
        "/tunnel/scaffolding+1/crane/tree fell-2/came down/cant get/cant open/jammed/wedged/caved in+1/cave in/collapse/collapsing/collapsed on/fell on+1"
        "/came down on+1/crushing/under the/beneath/debris/mudslide/rockslide/rocks/boulder/avalanche/earthquake-2/quake/aftershock/trench+1/mine/mineshaft"
        "/shaft/chimney/between-1/waist/up to/water is up/rooftop/on the roof+2/attic/upstairs-3/stranded/surrounded/burst+2/levee/breach/embankment"
        "/gave out/tilting/leaning/cracking/cracks/sinkhole/cable car/swing/scaffold/beam/concrete/bricks/sign fell/tree came/tree on"),
    Clues("traffic", Danger.TRAFFIC, (0, 3, 5),
        "car/truck+1/bus/van/motorbike+2/motorcycle/scooter/crash/crashed+2/hit+1/accident/highway/road-2/ran over/run over+1/tractor+2/rammed"
        "/drunk driver+2/brakes/lorry+1/train/tracks/intersection/crossing/hit and run+1/ambulance-4/wreck/collided+2/collision/crashed into/ran into/hit by"
        "/hit a+2/hit him/hit her/hit my-2/struck/knocked down/knocked over/smashed into/rear ended/pile up/pileup/rolled over+2/upside down+2"
        "/in the ditch+2/off the road+2/off the bridge+2/skidded/swerved/lost control/no brakes/brake failed/wheels/windshield/windscreen/airbag"
        "/steering wheel/seat/crash site/bicycle/ebike/moped/tricycle/minibus/school bus/coach/pickup/suv/forklift/combine/guardrail/railing/lane-5/bend"
        "/curve/toll/roundabout/zebra/crosswalk/junction/level crossing/railway/platform/driver is/the driver/speeding off/drove away/sped off/license plate"),
    Clues("weapons", Danger.VIOLENCE, (3, 0, 0),
        "knife-1/gun+1/axe/machete/bat/hammer/weapon/sword/pistol/shot/shots/gunshots+1/shooting/stabbing/stab/bottle/blade/knives/cleaver/sickle/hoe/shovel"
        "/iron bar/pipe+2/stick/rod/brick/petrol/gasoline/lighter/bomb/explosives/grenade/rifle/shotgun/crossbow/armed/waving/swinging/pointing"),
    Clues("violence", Danger.VIOLENCE, (2, 6, 0),
        "beating+1/beat/hitting/hits/hit me/hitting me+1/punch/punching/kick/kicking/attack/attacked/attacking/fighting-1/fight/rob/robbed/robbing/robbery"
        "/break in/breaking in/broke in/breaking into/intruder/burglar/kidnapped/kidnap/hostage/rape/raped/assault/strangling/choking me/threatening"
        "/threatened/kill me/kill us/follow/following+2/followed+2/chasing/chased/grabbed+1/dragging/dragged/forced/screaming/drunk/violent/gang/door/hiding"
        "/outside/police/tied/pushed/throwing/smashed/smashing/banging/beats/beaten/beating me/beating her/beat me/hits me/slapped/slapping/slap/punched"
        "/kicked/stomping/choking her/strangled/hurting me/hurting her/hurt me/hurt us/going to kill/gonna kill/wants to kill/trying to kill/said hell kill"
        "/threatens/threat/burn us/burn the house/burned me/locked me+4/locked us/wont let me/wont let us/wont let her/not letting/tied up/held/holding/hold"
        "/stole-2/stealing/snatched/mugged/mugging/thief/thieves/burglars/broken in/climbing/climbed/over the wall/through the window/in my house"
        "/in the house/in our house/in my yard/someone is in/downstairs/footsteps/prowler/lock/kicking the door/pounding/banging on/knocking/at my door"
        "/stalking/stalker/cornered/blocking-5/mob/brawl/riot/fistfight/hammering/cut him/slashed/slashing/attacks/stabs/raping/molested/groped/touching"
        "/undress/drugged/taken away/shoved/pulled/pulling/abduct/abducted/abusive/abuse/abusing/domestic-2/husband is/my ex/ex boyfriend/ex husband/psycho"
        "/crazy man/mental/rampage/shouting/yelling/screams/scream/glass/bleeding from"),
    Clues("fear and cries", None, (-3, -1, 0),
        "help+2/hurry/scared/afraid/please/crying+2/hide/save/god/omg/whispering/quick/fast-2/emergency-2/now/come-1/send/urgent/asap/quickly/immediately"
        "/what do i do/what should i do-2/what do we do/helpless/terrified/panicking/panic/frightened/dont know what to do/what now/hurry up/please hurry+3"
        "/please come+1/please help-2/help me-1/help us/help him/help her/somebody help/someone help/send help/send someone/send police/send an/call an"
        "/call the/call police/call ambulance/get here/come quick/come fast/come now/right away/running out/running out of/cant hold/cant hold on"
        "/please send-2/need help/need an ambulance/firefighters/fire department/paramedics/doctor-2/rescue/cops"),
    Clues("missing", Danger.MISSING, (-1, 5, 6),
        "missing-1/lost-1/disappeared/gone+1/vanished/wandered/didnt come+1/never came/hasnt come+1/not home/wasnt/cant find+1/cannot find/not picking"
        "/no signal/phone is off+1/unreachable/not answering her phone/not answering his phone/no one has seen/hasnt been seen/nobody has seen/taken/took+2"
        "/dementia/alzheimers/autistic/years old/year old/last seen/separated/ran away/ran off/dark/hours/hike/hiking/trail/mountain/since/still/morning"
        "/night-2/school/home+1/hour/anywhere/store/mall/missing since/went missing/not reachable/not answering calls/no one knows/nobody knows/no trace"
        "/no sign/didnt return/hasnt returned/not returned/not back/isnt back/isnt home/never got/never arrived/didnt arrive/didnt show/supposed to be"
        "/went out/walked out/walked off/walked away/left home/left the house/left a note/run away/ran away from/went hiking/went fishing/went for a"
        "/foraging/got lost/lost in+2/lost on/dont know where/no idea where/where he is/where she is/where we are/which way/no battery/no water/fog/snow"
        "/rain/getting dark+2/overnight/all night-1/all day/last night/two days/three days/since yesterday/since morning/this morning/hours ago/after school"
        "/playground-2/supermarket/market+1/park/station+1/festival/turned around/looked away/second/memory/disabled/deaf-5/wearing/jacket/barefoot/pajamas"
        "/slippers/stranger took/picked up by/got into a car/into a car/an unknown man/met online/online friend/a man took/a woman took+2"),
    Clues("suicide", Danger.SUICIDE, (4, 2, 6),
        "suicide/kill myself+2/want to die/end it/end my life/ending it/hang-4/rope+2/pills+1/jump/ledge/goodbye/bye/alive/live/living/burden/without me"
        "/wrists+1/razor/note/sorry-1/tired/anymore+3/hopeless/better off/take care/last/peace/over/nobody would/no point/everything/gave away/forgive"
        "/dont want to live+2/dont want to be here/cant go on+2/cant take it/cant do this/no reason/nothing left/give up/gave up/given up/done with/im done"
        "/its over/end everything/end it all/disappear/never wake/not wake up/sleep forever/say goodbye/said goodbye/farewell/final/last message/last time"
        "/suicide note/wrote a note/letter/will-1/sorry for everything/forgive me/dont look for/dont come/take care of/look after/feed the/sleeping pills"
        "/all the pills/whole bottle/bottle of/handful/tablets/bleach/gas on/exhaust/noose/belt/hanged/hanging from/slit/slitting/cutting/edge/rail/overpass"
        "/tower/window sill/windowsill/top floor/standing on/sitting on/threatening to jump/going to jump+2/gonna jump/wants to jump/wants to die"
        "/want to end/self harm/harm myself/hurt myself/depressed/depression/heartbroken/broke up/bullied/failed/debts/locked herself/locked himself"
        "/wont open the door/talking about dying/rather die/be dead/dead tomorrow"),
    Clues("money leaving", Danger.MONEY, (-2, 6, 6),
        "money/transfer-1/transferred/transferring/wired/wiring/account/card/code/otp/scam-1/scammed/scammer+3/scammers/sent-1/sending/paid/pay-1/savings"
        "/cash/withdraw/withdrawing/atm/teller/phone+1/screen/remote/link/app+3/police officer/customer service/investment/crypto/bitcoin/refund/loan"
        "/gift card/gift cards/deposit/balance/dollars/yuan/thousand/deducted/drained/blocked-2/verification/password/caller/hang up/online/webcam/video-1"
        "/blackmail/fee-2/bails/freeze/gold/wire transfer-1/sent him/sent them/sent her/sent money/transferred money/transferred all/transferring money"
        "/just transferred/just sent+3/just paid/about to transfer/about to send/keeps asking/asking for more/wants more/more money/another payment"
        "/second payment/all her savings/all his savings/all my savings/life savings/pension/retirement/fake police/fake-1/pretending/claims/claiming"
        "/says hes/says he is+1/impersonating/officer/prosecutor/court-1/arrest/warrant/laundering/safe account+1/secure account/screen share/sharing"
        "/anydesk/teamviewer/downloaded/installed/clicked/typed/entered/gave him+1/gave them/gave her/told him/told them/read him/read them"
        "/verification code/security code/bank card/card number/credit card/bank app/online banking/being drained/emptying/disappearing/going out/withdrawn"
        "/withdrew/charged/charges/unauthorized/didnt authorize/not me/wasnt me/hacked/hacker/stolen/lost all/took all+2/blocked me+1/deleted me/wont reply"
        "/cant withdraw/cant get it back/get it back/stop the+1/stop payment/freeze my/freeze the/reverse/romance/girlfriend online/boyfriend online/soldier"
        "/trading/returns/commission/task/tasks/lottery/prize-2/customs/parcel/delivery fee/kidnapped my/in trouble/bail/hospital fee/nephew calls/voice"
        "/nude/nudes/pictures/photos/contacts/pay or/ransom/counter/clerk/wont listen/doesnt listen/refuses to listen/on the phone with/still on the phone"
        "/wont hang up/secret/dont tell"),
    Clues("now", None, (6, 5, 0),
        "right now/just+1/currently/keeps-2/suddenly/already/getting/is on+1/about to/coming/going/started/minutes/seconds/tonight+1/and now+1/again-3"
        "/right this/at this moment/this minute/this second/as we speak/in progress/is happening/happening/getting worse/worse/any minute/wont last/running"
        "/still inside+1/still there/still in/still on/still bleeding/starting to/started to/began/beginning/minutes ago/just now/a moment ago/seconds ago"
        "/ten minutes/five minutes/half an hour/an hour/here/theres+1/all of a sudden/any second"),
    Clues("verbs of the present", None, (3, 3, 0),
        "is/are/has-1/there is/cant+2/wont/isnt/arent/dont+2/has been+1/have been/is in/is at/is under+1/is not/is bleeding+1/is burning+1/is stuck"
        "/is trapped/is coming/is going/is trying/is being+1/are in/are on+2/are trapped+1/are stuck/are coming/are burning/are being/am being/im being+2"
        "/being"),
    Clues("places", None, (3, 2, 0),
        "behind+1/next door+1/at the-1/in the+1/on the/near+1/by the+2/village+1/house+1/kitchen+2/bathroom/bedroom/field+2/factory+1/street/yard-2/shop+1"
        "/gate-2/corner/construction/near the-1/next to/in front of-2/by the river/corner of/along/east/west/north/south/alley/garage/basement/hallway"
        "/stairwell+3/classroom/dorm/hotel/office-1/valley/orchard/greenhouse/farm/paddy/shed/workshop/construction site/plant+1/gym/clinic/bus stop/square"
        "/apartment/flat-3"),
    Clues("somebody left", None, (5, 0, 0),
        "drove off/fled/left/took off/got away"),
    Clues("questions", None, (-10, -6, 0),
        "what/when-1/where/how/who/which-1/why/does-1/do i/can i-1/could/should/is there-1/are there/is it/do you/can we/may i/would/how much/how many"
        "/how do-1/what time/can you/can someone/could you/where can/when will-1/anyone know/wondering/want to know/ask/whats/wheres/whens/hows/whos"
        "/why does/why is/why are/is this-2/are we/are they allowed/am i/did the/has the/have the+2/will the/will there/can you please/could someone"
        "/could we-2/could i/would it/would you/should we/should i/do we/do they/does the/does anyone/what is/what are/what do/what documents/what number"
        "/what happens/where do/where is/where are/when is/when do/when does-1/when are/who do/who is/who can-1/who should/who pays/which office/how can"
        "/how to/how does/how should/how old/how far/how long-2/how big/is it true/is it legal/is it safe/is it ok/is it normal/is that-1/any chance"
        "/possible/question/curious/info/information/advice/tips/difference/meaning/mean"),
    Clues("requests to the village", None, (-10, -4, 0),
        "please fix/suggest/suggestion/request/propose/complaint/complain/report/arrange/organize/notify/remind/reminder/announcement/notice/attention"
        "/volunteers/meeting/committee/village office/council/government/policy/subsidy/apply/application/permit/register/registration/certificate/form"
        "/license/insurance-1/tax/documents/hukou/id card/appointment/open/schedule/deadline/approval/invite/contact/can we get/can we have/we need-1/need a"
        "/need more/needs to be/should have/should be-1/put up/set up/add a/build/please put-3/please send someone to look/please check-2/please tell-2"
        "/please clean/please remove/please ask/please stop/please repair/please come look/look at/take a look/have a look/check on/check the/inspect-3"
        "/measure/supervise/enforce/ban/forbid/allowed/permission/rules/rule/law/legal/illegal/fine/fined-1/penalty/ticket/court date/sentence/jail"
        "/statement/record/proof/paperwork/copy/stamp/queue/office hours/counter hours/village head/mayor/hotline/website/link for/sign up/enroll/join"
        "/member/membership/training course/vaccination/vaccine/checkup/clinic hours-2/prescription/reimbursement/disability/benefits/allowance"
        "/compensation-1/claim/assistance/relief/fund/donate/donation"),
    Clues("things to repair", None, (-10, -2, 0),
        "fix-1/fixed/repair/repaired/broke down/replace/replaced/install/light-1/lights/streetlight/street light-2/pothole/garbage/trash/tap/toilet/internet"
        "/wifi/signal/tv/ac/charger/printer/app crashed/out of order/rusty/expired/maintenance/inspection/clean/cleaned/parking/parked-2/leaks/leaky"
        "/dripping/clogged/blocked drain/flickers/flickering/out again/burnt out/bulb/lamp-1/lamps/sign-1/signs/bench/elevator is slow/elevator broken"
        "/door lock/locks/keys/roof tiles/tiles/sewage/water pressure/water cut/power cut/outage/blackout/electricity bill/bill-3/meter/router/computer"
        "/laptop/phone screen/camera/cameras/speaker/loudspeaker/extinguisher/extinguishers/hydrant/smoke detector-2/detector/detectors/alarm test"
        "/battery low/needs repair/needs fixing/paint/potholes/puddles/snow removal/dustbin/bin/bins/litter/dump/dumping/weeds/trees trimmed/trim/branches"
        "/branch"),
    Clues("the past", None, (-4, -1, 0),
        "last year/last month/last week-2/yesterday/years ago/ago/used to/before/in march/once/previously/since march/last summer/last winter/last spring"
        "/two years-1/three years/a while/ten years/months ago/days ago/childhood/back then/history/was/had/since january/since last+1/in january"
        "/in february/in april/in may/in june/in july/in august/in september/in october/in november/in december/in spring/in summer/the other day"
        "/earlier this/this spring/two weeks/three weeks/a month/months+1/years/year-2/decades/when i was/as a kid/when we were/happened before/happened in"
        "/has happened/once before/that time/the time/that night/that day/died in/passed away/late/anniversary/memorial/funeral/history of/were killed"
        "/was killed in/was hit last/was robbed last/recovering from/after the/had a/had an/did-1"),
    Clues("habits", None, (-8, -2, 0),
        "every/always/often/usually/sometimes/all the time/every day/every night/week/weeks/daily/monthly/weekends/lately/these days/three months-3"
        "/half a year/every morning/every evening/every weekend/every month/every year/every time/every summer/every winter/never/constantly/regularly"
        "/mostly/occasionally/each/per/nightly/weekly/yearly/for weeks/for months/for years/since weeks/keeps parking-2/keeps barking/keeps throwing/keep-1"
        "/kept/still not/still hasnt/still havent/third time/second time/again this/again today"),
    Clues("settled", None, (-8, -6, 0),
        "ok/okay/safe/found-1/resolved/recovered/thanks/thank-1/thank you-1/false alarm-1/no one hurt-2/nobody hurt/nobody was-1/no injuries/not hurt"
        "/home safe/luckily/discharged/mistake/all good/didnt fall/hung up/ignored/already fixed/put out/is back-1/no need/everyone is fine/everyone is safe"
        "/everyone ok/all safe/all fine-1/is fine/are fine/is ok/are ok/is safe/are safe/was found/were found/we found-1/found him/found her/found it"
        "/came back/came home/back home/home now/already home/turned out/turns out/it was just-1/was just/only a/just a/no need to/dont need/dont worry"
        "/never mind/nevermind/cancel/cancelled/ignore my/my mistake/sorry wrong/by mistake/by accident/misunderstanding/no damage/no harm/minor/slight"
        "/small/a bit/a little+2/little/scratch/band aid/bandage/healed/better/much better/is better/doing well/recovering/recover/released/out of hospital"
        "/arrested/caught the/was caught/police came/firemen came/firefighters came/has been put/was put out/is out-1/was extinguished/extinguished"
        "/under control/sorted/settled-1/solved/done/thanks to/grateful/appreciate/well done/good job/great job/kudos/i hung up-2/hung up on/didnt pay"
        "/did not pay/didnt send/didnt give/didnt click/did not click/blocked the/deleted it-1/reported it/got it back/got my money back/got refunded"),
    Clues("lost and broken things", None, (-6, 0, 0),
        "wallet-2/key/bag/umbrella/hat/package/glasses/ring/watch/bike/ball/drone/kite/shoes/clothes/luggage/toy/phones/purse-1/handbag/backpack/id/passport"
        "/receipt/mail/parcels/delivery/helmet/scarf/gloves/earrings/necklace/bracelet/earphones/headphones/tablet/scooter keys/bike stolen/car keys"
        "/window of my car/tires/tire/mirror/bumper/suitcase/box+3/boxes/bottles/cup/plate/furniture/chair/table/sofa/tent/fishing rod/doll/flowers/plants"
        "/tree-4/trees/garden/crops/vegetables/tomatoes/corn/rice-1/wheat/apples/peaches"),
    Clues("animals", None, (-8, 0, 0),
        "dog-1/dogs/cat/cats/chicken-1/chickens-1/duck/ducks/pig/cow/goat/sheep/fish-4/bird-1/birds/puppy/kitten/rat/rats/mouse/mosquitoes-1/bees/snake/ants"
        "/goose/rabbit/rooster/pigs/hens/hen/calf/horse/horses/donkey/lamb/goats/geese/ducklings/piglets/parrot/hamster/turtle/frog/frogs/crow/crows/pigeon"
        "/pigeons/mosquito-1/flies/fly/cockroach/cockroaches/wasps nest/beehive/hive/hornet nest/bees nest/boar/fox/wolf/monkey/wild boar/stray/strays"
        "/stray dogs/stray dog/livestock/cattle/cows/pet/pets/pond fish/carp/shrimp/crab/spider/spiders/snake in/worm"),
    Clues("exaggeration", None, (-5, -5, 0),
        "dying of/to death/killing me-4/so hot/so bored/lol/haha/funny/laughing/boring-1/tired of/drives me/sick of/insane/crazy-1/hilarious/to die for"
        "/killed it/best/love/great/delicious/cute/nice/amazing/exam/homework/test/i could die-1/so tired/so hungry/starving/exhausted/exhausting/dead tired"
        "/bored/stressed/overwhelmed/freaking/my head is exploding/head is exploding/mind blown/blew my mind/on fire this season/fire sale/fire playlist"
        "/killer/killed me-1/slay/crushed it/crush on/crashed my/my computer/the app/the website/my laptop/my phone is dead/dead battery/heart broken"
        "/broke my heart/stole the show/stole my heart/robbed of/beat the/beat us/beats me/beat them/shot a/shooting a/shot up/drowning in+2/flooded with"
        "/flood of/buried in work/buried in/swamped/stuck in traffic/stuck with/trapped in this/hostage to/choked up/cracking me/crack me up/lmao/rofl"
        "/hahaha/omg so/wow/awesome/cool/nice job/beautiful/lovely/tasty/yummy/spicy/gorgeous/favorite/fun/enjoy/enjoyed/happy/birthday/congratulations"
        "/cheers"),
    Clues("events, films and lessons", None, (-10, -1, 0),
        "drill/training/lecture/movie-1/film/game-1/games/show-2/novel-4/book/story/news/play/series/episode/song/class/course/lesson/poster-2/posters"
        "/exhibition/party/dance/performance/practice/rehearsal/documentary/scene/actor/drama/costume/cosplay/dream/dreamed/chapter/character/prank/joke"
        "/theme/museum/brochure/campaign/awareness/first aid/volunteer/drills/fire drill/earthquake drill/evacuation drill/rehearsing/simulation/simulated"
        "/exercise/exercises/seminar/webinar/talk/talks/session/meeting about/presentation/essay/project/report on/exams/quiz/study/studying/learn/learning"
        "/lessons/teach-1/teaching/teaches/instructor/certified/cpr class/cpr course/cpr training/first aid course/first aid kit/swimming lessons/swim class"
        "/self defense/leaflet/leaflets/flyer/flyers/banner/billboard/slogan/advert/ad/article/newspaper/magazine/podcast/radio/youtube/tiktok/netflix"
        "/film crew/filming/shoot/shooting a scene/set/cinema/theater/theatre/musical/opera/stage/puppet/cartoon/anime/comic/comics/manga/fiction/mystery"
        "/thriller/horror/crime show/detective/villain/hero/plot/ending/season/level/boss fight/minecraft/fortnite/player/players/team/match/league/score"
        "/goal/tournament/concert/band/album/lyrics/choir/dancing/square dance/halloween/carnival/parade/lantern/bonfire/campfire/barbecue/bbq/grill/candles"
        "/incense/fireworks show/picnic/camping/wedding/ceremony/tour/trip/visit/holiday/vacation/nightmare/dreamt/imagination/imagine/pretend/pretended"
        "/played/playing/joking/kidding/april fools/model/toys/water gun"),
    Clues("fears and plans", None, (-4, -4, 0),
        "might/if/someday/afraid it/worried/dangerous/danger/hazard/risk/unsafe/tomorrow/next/going to be/plan/planning/want to+2/would like/need to/prevent"
        "/avoid/careful/safety/before someone/sooner or later/one day-2/in case/if there-2/if a/if the/if i/if someone/if we/if my/what if/suppose/supposed"
        "/in the event/whenever/unless/may/maybe-1/perhaps/possibly/potential/potentially/likely/unlikely/expected/forecast/warning signs/warning sign"
        "/precaution/precautions/prevention/preventing/protect/protection/secure/safe to/safer/be careful/beware/caution/watch out/keep away/do not/dont let"
        "/dont forget/remember to/make sure/hazards/dangerous for/too dangerous/accident waiting/waiting to happen/before it/before anyone/someone will-2"
        "/someone could/someone might/could fall/could get/might fall/might get/will fall/will get/gets hurt/get hurt/going to get/afraid that"
        "/afraid someone/afraid of/fear of/worry/worries/concerned/concern/thinking of/thinking about/consider/considering/intend/hope/hoping/wish"
        "/tonight at/this weekend/this afternoon at/monday/tuesday/wednesday/thursday/friday/saturday/sunday/next week/next month/next year/later/soon"),
    Clues("disputes", None, (-7, 0, 0),
        "noise-1/noisy/loud-1/dispute/argue-1/arguing/argument/rent/wages/salary/pay me/owes/owe/boundary/divorce/custody/stinks/dust/smoke from/rude/lawyer"
        "/mediate/contract/return/unpaid/debt/music/barking/neighbors dog/neighbors tree/next door keeps/shouting match/quarrel/quarreling/bickering/insult"
        "/insulted/swore/swearing/cursing/gossip/rumor/rumors/slander/lies/lied/cheated on/cheating/unfair/fair/fairness/bully/bullying at school/bullies"
        "/teacher ignores/manager/employer/company/workplace/shift/overtime/payslip/paid late/deposit back/rent increase/evict/eviction/lease/tenants"
        "/property line/property/land/hedge/parking spot/parking space/my spot/driveway/blocks/blocking my/shade/sunlight/balcony drip/upstairs leak"
        "/ceiling leak/stain/mold/odor/stench/reek/pigsty/manure smell/factory smell/pollution/polluted/polluting/fumes from/burning trash/burns trash"
        "/burning leaves/karaoke/drums/piano/speakers/party noise/construction noise/drilling/hammering all/honking/engine noise/late at night/cant sleep"
        "/keep us awake/keeps us awake/awake"),
    Clues("trade", None, (-4, -3, -3),
        "buy-1/sell-1/selling-2/sale/price-4/cost/cheap/expensive/discount/hire/recommend/looking for/second hand/order-1/market price/brand/purchase/bought"
        "/ordered/ordering/seller/buyer/customers complaint/shop owner/stall+4/bargain/bargaining/coupon/promotion/offer/offers/free/fees/charge for/rate"
        "/rates/interest/mortgage/stocks/funds/invoice/warranty/quality/fake goods/expired food/stale/menu/restaurant/meal/dinner/lunch/breakfast/recipe"
        "/cooking/bake/flavor/taste/coffee/tea-1/beer/wine/hiring/job/jobs/vacancy/resume/interview/part time/babysitter/nanny/tutor/plumber/handyman/mover"
        "/taxi/bus ticket/train ticket/ticket price/timetable"),
)  # fmt: skip
